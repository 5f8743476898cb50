import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { acrossReconnects } from "../calls/across-reconnects.ts";
import type { BackOff } from "../calls/back-off.ts";
import { microsecondsOf } from "../verify/microseconds-of.ts";
import type { WatchFrame } from "./watch-frames.ts";
import type { WatchItem } from "./watch-item.ts";

interface WatchOptions {
  /** Opens one watch. */
  readonly openWatch: () => AsyncIterable<WatchFrame>;
  /** Earliest create time of what each list shows; undefined: all. */
  readonly createTimeFrom: Timestamp | undefined;
  readonly backOff: BackOff;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Watches deployments across reconnects, until the signal aborts or the reader leaves. What was shown and is not in a later list has left.
 * Throws an `ActivityEventsError` if the server refuses the request.
 */
export async function* watchDeployments({
  openWatch,
  createTimeFrom,
  backOff,
  signal,
}: WatchOptions): AsyncGenerator<WatchItem, void, undefined> {
  const shown = new ShownDeployments(createTimeFrom);
  for await (const step of acrossReconnects({ open: openWatch, backOff, signal })) {
    if (step.kind !== "frame") {
      yield step;
      continue;
    }
    const { frame } = step;
    switch (frame.case) {
      case "opened":
        shown.beginList();
        break;
      case "deployments":
        shown.show(frame.value.deployments);
        yield { kind: "deployments", deployments: frame.value.deployments };
        break;
      case "left":
        shown.remove(frame.value.deploymentIds);
        yield { kind: "left", deploymentIds: frame.value.deploymentIds };
        break;
      case "damaged":
        shown.keep(frame.value.deploymentIds);
        yield { kind: "damaged", deploymentIds: frame.value.deploymentIds };
        break;
      case "caughtUp": {
        const gone = shown.endList();
        if (gone.length > 0) yield { kind: "left", deploymentIds: gone };
        yield { kind: "caughtUp" };
        break;
      }
      case "fellBehind":
        shown.beginList();
        yield { kind: "fellBehind" };
        break;
      case "heartbeat":
        yield { kind: "heartbeat" };
    }
  }
}

/** Which deployments were shown, and which of them the list under way has not shown again. */
class ShownDeployments {
  readonly #createTimeFromUs: bigint;
  /** Whether lists show it, by id. */
  readonly #isListed = new Map<string, boolean>();
  #unseen = new Set<string>();

  constructor(createTimeFrom: Timestamp | undefined) {
    this.#createTimeFromUs = createTimeFrom === undefined ? 0n : microsecondsOf(createTimeFrom);
  }

  beginList(): void {
    this.#unseen = new Set([...this.#isListed].filter(([, isListed]) => isListed).map(([id]) => id));
  }

  show(deployments: readonly Deployment[]): void {
    for (const { deploymentId, createTime } of deployments) {
      const createTimeUs = createTime === undefined ? 0n : microsecondsOf(createTime);
      this.#isListed.set(deploymentId, createTimeUs >= this.#createTimeFromUs);
      this.#unseen.delete(deploymentId);
    }
  }

  remove(deploymentIds: readonly string[]): void {
    for (const id of deploymentIds) {
      this.#isListed.delete(id);
      this.#unseen.delete(id);
    }
  }

  /** They are there, whatever they are. */
  keep(deploymentIds: readonly string[]): void {
    for (const id of deploymentIds) this.#unseen.delete(id);
  }

  /** Returns what the list has not shown again. */
  endList(): string[] {
    const gone = [...this.#unseen];
    this.remove(gone);
    return gone;
  }
}
