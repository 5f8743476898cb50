import {
  type ActivityEventsClient,
  ActivityEventsError,
  type Deployment,
  type Event,
  type WatchItem,
} from "@activity-events/client";
import { headHistoryHash, type ReceivedEvent } from "@activity-events/client/internal";
import { eventMessage } from "@activity-events/topic/event-message";
import { atHead, atStart, type Cursor, contradicts } from "./cursor.ts";
import type { CursorFile } from "./cursor-file.ts";
import { type EventText, subjectOf } from "./event-text.ts";
import { type ForwardedTo, forwardDeployment } from "./forward-deployment.ts";
import { Gate } from "./gate.ts";
import { type LaneEnd, Lanes } from "./lanes.ts";
import { type Target, TargetError } from "./targets/target.ts";

/** Deployments that are worked on at once: a target is told about this many events at once. */
const lanesMax = 8;

/** Back-off of a target that takes nothing, in ms. */
const gateBackOff = { firstMs: 500, maxMs: 60_000 };

/** Back-off of a deployment with an obstacle, in ms: it needs somebody, who should not wait long afterwards. */
const obstacleBackOff = { firstMs: 1_000, maxMs: 60_000 };

/** Delay after the service was not reached, in ms; the watch tells when it is back. */
const serviceDelayMs = 1_000;

export interface ForwarderOptions {
  readonly client: ActivityEventsClient;
  readonly target: Target;
  readonly cursors: CursorFile;
  /** Begins with the first event of each deployment, instead of behind what is recorded at the first start. */
  readonly fromStart: boolean;
  readonly matches: (event: Event) => boolean;
  readonly text: EventText;
  /** Events to leave out, as `DEPLOYMENT/SEQUENCE`: the target refuses them, or the service lacks them. */
  readonly passOver: ReadonlySet<string>;
  /** Called with each event that the target took. */
  readonly onTold: (event: Event) => Promise<void>;
  /** Writes one line for whoever runs this. */
  readonly complain: (text: string) => void;
  /** Tells nothing more. */
  readonly stopping: AbortSignal;
  /** Gives up requests under way, too. */
  readonly givingUp: AbortSignal;
}

/** Tells a target the events of all deployments, in order within each, at least once. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #gate: Gate;
  readonly lanes: Lanes;
  /** Newest heads of the deployments that are worked on or wait for it. */
  readonly #heads = new Map<string, Deployment>();
  /** Times in a row that a deployment met an obstacle. */
  readonly #obstacles = new Map<string, number>();

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.lanes = new Lanes({ lanesMax, work: (deploymentId) => this.#forward(deploymentId) });
    this.#gate = new Gate({
      ...gateBackOff,
      onShut: ({ message }) => options.complain(`The target takes nothing now: ${message}. Trying again.`),
      onOpen: () => options.complain("The target takes events again."),
    });
  }

  /** Takes what a watch shows. */
  async take(item: WatchItem): Promise<void> {
    const { cursors, complain } = this.#options;
    switch (item.kind) {
      case "deployments":
        // At once, so that their cursors are written at once.
        await Promise.all(item.deployments.map((head) => this.#takeHead(head)));
        break;
      case "left":
        for (const deploymentId of item.deploymentIds) if (cursors.get(deploymentId)) this.lanes.push(deploymentId);
        break;
      case "damaged":
        for (const deploymentId of item.deploymentIds) complain(`${deploymentId} is damaged in the store.`);
        break;
      case "caughtUp":
        if (!cursors.isComplete) await cursors.complete();
    }
  }

  async #takeHead(head: Deployment): Promise<void> {
    const { cursors, fromStart } = this.#options;
    const { deploymentId, headSequence } = head;
    let cursor = cursors.get(deploymentId);
    if (cursor === undefined && !cursors.isComplete && !fromStart) {
      cursor = atHead(head);
      await cursors.move(deploymentId, cursor);
    }
    const said = headHistoryHash(head);
    const isOther = cursor !== undefined && said !== undefined && contradicts(cursor, said);
    if (!isOther && headSequence === (cursor?.sequence ?? 0n)) return;
    this.#heads.set(deploymentId, head);
    this.lanes.push(deploymentId);
  }

  async #forward(deploymentId: string): Promise<LaneEnd> {
    const { client, cursors, stopping } = this.#options;
    const head = this.#heads.get(deploymentId);
    try {
      const end = await forwardDeployment({
        deploymentId,
        chainFrom: head?.historyHashFrom ?? 1n,
        cursors,
        openStream: (afterSequence) =>
          client.streamEncodedEvents({ deploymentId, afterSequence, follow: true }, { signal: stopping }),
        tell: (received, cursor) => this.#tell(received, cursor, head),
      });
      if (end.kind === "caughtUp" && this.#heads.get(deploymentId) === head) this.#heads.delete(deploymentId);
      return await this.#after(deploymentId, end);
    } catch (error) {
      if (stopping.aborted) return { kind: "done" };
      if (error instanceof RefusedEvent) {
        return this.#obstruct(deploymentId, waitingAt(deploymentId, error.event.sequence, error.message));
      }
      if (error instanceof ActivityEventsError) return { kind: "again", afterMs: serviceDelayMs };
      throw error;
    }
  }

  async #tell(received: ReceivedEvent, { hash }: Cursor, head: Deployment | undefined): Promise<void> {
    const { target, matches, text, onTold, stopping, givingUp } = this.#options;
    const { event, commitment } = received;
    if (!matches(event) || this.#isPassedOver(event.deploymentId, event.sequence)) return;
    const subject = subjectOf(event, head);
    const message = eventMessage(event, { historyHash: hash, commitment });
    const telling = { event, subject, message, text: text(event, subject) };
    try {
      await this.#gate.through(() => target.tell(telling, givingUp), stopping);
    } catch (error) {
      throw error instanceof TargetError ? new RefusedEvent(event, error) : error;
    }
    await onTold(event);
  }

  async #after(deploymentId: string, end: ForwardedTo): Promise<LaneEnd> {
    const { cursors, complain } = this.#options;
    switch (end.kind) {
      case "caughtUp":
        this.#obstacles.delete(deploymentId);
        return { kind: "done" };
      case "more":
        return again;
      case "gone":
        this.#obstacles.delete(deploymentId);
        this.#heads.delete(deploymentId);
        complain(`${deploymentId}: ${end.why}; nothing more is told of it.`);
        return { kind: "done" };
      case "rewritten":
        complain(
          `${deploymentId}: the service has other events than were forwarded, as after a restore; telling it from its first event.`,
        );
        await cursors.move(deploymentId, atStart);
        return again;
      default:
        if (this.#isPassedOver(deploymentId, end.firstSequence)) {
          await cursors.move(deploymentId, { sequence: end.lastSequence, hash: undefined });
          return again;
        }
        return this.#obstruct(deploymentId, waitingAt(deploymentId, end.firstSequence, end.why));
    }
  }

  #isPassedOver(deploymentId: string, sequence: bigint): boolean {
    return this.#options.passOver.has(`${deploymentId}/${sequence}`);
  }

  /** Says once what is in the way, and has the deployment tried again. */
  #obstruct(deploymentId: string, why: string): LaneEnd {
    const times = this.#obstacles.get(deploymentId) ?? 0;
    if (times === 0) this.#options.complain(`${deploymentId}: ${why}.`);
    this.#obstacles.set(deploymentId, times + 1);
    const { firstMs, maxMs } = obstacleBackOff;
    return { kind: "again", afterMs: Math.min(maxMs, firstMs * 2 ** times) };
  }
}

const again: LaneEnd = { kind: "again", afterMs: 0 };

/** The target takes an event of this deployment never, as it seems. */
class RefusedEvent extends Error {
  override readonly name = "RefusedEvent";
  readonly event: Event;

  constructor(event: Event, cause: TargetError) {
    super(`the target refuses it: ${cause.message}`, { cause });
    this.event = event;
  }
}

function waitingAt(deploymentId: string, sequence: bigint, why: string): string {
  return `waiting at event ${sequence}, since ${why}; --pass-over ${deploymentId}/${sequence} leaves it out`;
}
