import {
  type Deployment,
  type DeploymentCursor,
  type DeploymentId,
  type EventStore,
  everyEvent,
} from "@activity-events/event-store";
import { limits } from "../limits.ts";
import type { Poker } from "./poker.ts";
import { Refusal } from "./refusal.ts";
import { deploymentNotFound, goneRefusal } from "./refusal-of.ts";

/** A range of one deployment. */
export interface ReplayRange {
  readonly deploymentId: DeploymentId;
  /** First sequence, from 1. */
  readonly fromSequence: number;
  /** Last sequence; undefined: the head's. */
  readonly toSequence: number | undefined;
  readonly dryRun: boolean;
}

/** What all deployments have received since a time. */
export interface ReplaySince {
  /** In microseconds since 1970. */
  readonly receiveTimeFromUs: number;
  /** Undefined for the first page. */
  readonly cursor: DeploymentCursor | undefined;
  readonly mayReplay: (deploymentId: DeploymentId) => boolean;
  readonly dryRun: boolean;
}

/** What the mirror was asked to publish again. */
export interface ReplayedPage {
  readonly deployments: number;
  readonly events: number;
  /** Undefined on the last page. */
  readonly next: DeploymentCursor | undefined;
}

const every = { environment: "", service: "", state: undefined };

/** Has the mirror publish events again. */
export class EventReplayer {
  readonly #store: EventStore;
  readonly #poker: Poker;

  constructor(store: EventStore, poker: Poker) {
    this.#store = store;
    this.#poker = poker;
  }

  /** Replays a range of one deployment. Throws a Refusal. */
  async replayRange({ deploymentId, fromSequence, toSequence, dryRun }: ReplayRange): Promise<ReplayedPage> {
    this.#demandMirror();
    const head = await this.#store.readDeployment(deploymentId);
    if (head?.standing === "purging" || head?.standing === "purged") throw goneRefusal(head);
    if (head === undefined) throw deploymentNotFound(deploymentId);
    const to = Math.min(toSequence ?? head.headSequence, head.headSequence);
    if (fromSequence > to) return { deployments: 0, events: 0, next: undefined };
    await this.#replay(deploymentId, fromSequence, to, dryRun);
    return { deployments: 1, events: to - fromSequence + 1, next: undefined };
  }

  /** Replays a page of the deployments that have received something since a time. Throws a Refusal. */
  async replaySince({ receiveTimeFromUs, cursor, mayReplay, dryRun }: ReplaySince): Promise<ReplayedPage> {
    this.#demandMirror();
    const deploymentsMax = limits.replayPageDeployments;
    const page = await this.#store.readDeployments({ cursor, filter: every, deploymentsMax });
    let [deployments, events] = [0, 0];
    for (const head of page.deployments) {
      const { deploymentId, headSequence, updateTimeUs } = head;
      if (updateTimeUs < receiveTimeFromUs || !mayReplay(deploymentId)) continue;
      const from = await this.#firstSince(head, receiveTimeFromUs);
      if (from === undefined) continue;
      await this.#replay(deploymentId, from, headSequence, dryRun);
      deployments += 1;
      events += headSequence - from + 1;
    }
    return { deployments, events, next: page.next };
  }

  /** The sequence of the first event that was received at or after a time. */
  async #firstSince(
    { deploymentId, createTimeUs }: Deployment,
    receiveTimeFromUs: number,
  ): Promise<number | undefined> {
    if (createTimeUs >= receiveTimeFromUs) return 1;
    const filter = { ...everyEvent, receiveTimeFromUs };
    let cursor: number | undefined;
    for (;;) {
      const order = "ascending" as const;
      const asked = { deploymentId, order, cursor, filter, eventsMax: 1, bytesMax: limits.eventBytesMax };
      const page = await this.#store.readEvents(asked);
      const [first] = page.events;
      if (first !== undefined) return first.sequence;
      if (!page.more) return undefined;
      ({ cursor } = page);
    }
  }

  async #replay(deploymentId: DeploymentId, fromSequence: number, toSequence: number, dryRun: boolean): Promise<void> {
    if (dryRun) return;
    try {
      await this.#poker.replay({ deploymentId, fromSequence, toSequence });
    } catch (cause) {
      throw new Refusal("STORE_UNAVAILABLE", "the topic of the mirror's orders did not take one; repeat the call", {
        cause,
        retryDelayMs: 1_000,
      });
    }
  }

  #demandMirror(): void {
    const { mirrored, name } = this.#store.traits;
    if (mirrored) return;
    throw new Refusal(
      "NO_MIRROR",
      `the store ${name} has no mirror that could publish events again; activity_client forward sends those of any store`,
      { metadata: { store: name } },
    );
  }
}
