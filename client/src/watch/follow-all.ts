import { ActivityEventsError } from "../activity-events-error.ts";
import { acrossReconnects } from "../calls/across-reconnects.ts";
import type { BackOff } from "../calls/back-off.ts";
import { advanceCursor, type Place } from "../follow/advance-cursor.ts";
import { CursorAheadError } from "../follow/cursor-ahead-error.ts";
import type { EventFrame } from "../follow/event-frames.ts";
import type { FollowAllItem } from "./follow-all-item.ts";
import type { WatchItem } from "./watch-item.ts";

interface FollowAllOptions {
  /** The deployments to follow, across reconnects. */
  readonly watch: AsyncIterable<WatchItem>;
  /** Opens a stream of one deployment's events after a cursor; it is left when it has caught up. */
  readonly openStream: (deploymentId: string, afterSequence: bigint) => AsyncIterable<EventFrame>;
  /** Where to begin with the deployments that are there: behind their last event, or at their first. */
  readonly from: "heads" | "start";
  /** True with a filter of events, where missing sequences are normal. */
  readonly filtered: boolean;
  readonly newBackOff: () => BackOff;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Follows all watched deployments: yields each event once, and in order within its deployment. The watch only says that there is more; the
 * events are read by cursor, so none is missed, whatever the watch skips. A deployment that leaves is read to its end first.
 */
export async function* followAll(options: FollowAllOptions): AsyncGenerator<FollowAllItem, void, undefined> {
  const { watch, from } = options;
  const cursors = new Map<string, bigint>();
  let skipsHistory = from === "heads";
  for await (const item of watch) {
    switch (item.kind) {
      case "deployments":
        for (const { deploymentId, headSequence } of item.deployments) {
          if (skipsHistory && !cursors.has(deploymentId)) cursors.set(deploymentId, headSequence);
          else if (headSequence > (cursors.get(deploymentId) ?? 0n)) yield* readToEnd(deploymentId, cursors, options);
        }
        break;
      case "left":
        for (const deploymentId of item.deploymentIds) {
          if (cursors.has(deploymentId)) yield* readToEnd(deploymentId, cursors, options);
        }
        break;
      case "damaged":
        for (const deploymentId of item.deploymentIds) yield { kind: "damaged", deploymentId, error: undefined };
        break;
      case "caughtUp":
        skipsHistory = false;
        yield { kind: "caughtUp" };
        break;
      case "fellBehind":
        break;
      default:
        yield item;
    }
  }
}

/** Reads the events of a deployment after its cursor, and moves the cursor. */
async function* readToEnd(
  deploymentId: string,
  cursors: Map<string, bigint>,
  { openStream, filtered, newBackOff, signal }: FollowAllOptions,
): AsyncGenerator<FollowAllItem, void, undefined> {
  let place: Place = { cursor: cursors.get(deploymentId) ?? 0n, filtered, gapMetAfter: undefined };
  for (;;) {
    const open = () => openStream(deploymentId, place.cursor);
    try {
      for await (const step of acrossReconnects({ open, backOff: newBackOff(), signal })) {
        if (step.kind !== "frame") {
          yield step;
          continue;
        }
        const { items, cursor, stoppedByGap } = advanceCursor(place, step.frame);
        for (const item of items) {
          if (item.kind === "event") yield item;
          if (item.kind === "passedOver") yield { ...item, deploymentId };
        }
        place = stoppedByGap ? { ...place, cursor, gapMetAfter: cursor } : { ...place, cursor };
        cursors.set(deploymentId, cursor);
        if (stoppedByGap) step.restart();
        else if (step.frame.case === "caughtUp") return;
      }
      return;
    } catch (error) {
      const damage = damageIn(error, place.cursor);
      if (damage === undefined) return;
      yield { kind: "damaged", deploymentId, error: damage.error };
      if (damage.sequence === undefined) return;
      place = { ...place, cursor: damage.sequence };
      cursors.set(deploymentId, damage.sequence);
    }
  }
}

/** The damage that a stream ended with, and the sequence behind which it goes on, if it is told; undefined: nothing is there any more. */
function damageIn(error: unknown, cursor: bigint) {
  if (!(error instanceof ActivityEventsError)) throw error;
  if (error.reason === "CURSOR_AHEAD") throw new CursorAheadError(cursor, error);
  if (error.code === "NOT_FOUND") return undefined;
  if (error.code !== "DATA_LOSS") throw error;
  const sequence = /^[0-9]+$/.test(error.metadata.sequence ?? "") ? BigInt(error.metadata.sequence ?? "") : undefined;
  return { error, sequence: sequence !== undefined && sequence > cursor ? sequence : undefined };
}
