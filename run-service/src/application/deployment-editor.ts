import { setTimeout as sleep } from "node:timers/promises";
import {
  type Deployment,
  type DeploymentId,
  type EventFacts,
  type EventId,
  type EventStore,
  hiddenHead,
  isPurged,
  type NewEvent,
  type PurgeOptions,
  purgedType,
  purgeTombstone,
  redactedType,
  type StoredEvent,
} from "@activity-events/event-store";
import { limits } from "../limits.ts";
import { ChangeTimes } from "./change-times.ts";
import type { Poker } from "./poker.ts";
import { Refusal } from "./refusal.ts";
import { deploymentNotFound, eventNotFound, goneRefusal, refusalOf } from "./refusal-of.ts";

/** An event as a redaction leaves it. */
export interface EmptiedEvent {
  readonly left: Pick<NewEvent, "facts" | "content" | "stamp">;
  /** Names of the fields that it loses, such as `message`; `#99` is a field without a name. Empty if there is nothing to lose. */
  readonly fields: readonly string[];
}

/** What an event that tells of an edit says. */
export interface NoticeOf {
  readonly type: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, string | number | boolean>>;
  /** Who edits; empty if nobody was authenticated. */
  readonly principal: string;
}

/** Encoding of what edits change and record. */
export interface EditCodec {
  /** Empties an event. */
  readonly empty: (stored: StoredEvent, allFields: boolean) => EmptiedEvent;
  /** Returns what a redaction would make of an event, as readers see it. */
  readonly preview: (stored: StoredEvent, emptied: EmptiedEvent) => StoredEvent;
  readonly factsOf: (stored: StoredEvent) => EventFacts;
  readonly notice: (notice: NoticeOf) => NewEvent;
}

/** Part of every edit. */
interface Edit {
  readonly deploymentId: DeploymentId;
  /** Answers what the edit would do, and does nothing. */
  readonly dryRun: boolean;
}

interface NotedEdit extends Edit {
  /** Why, for the readers of the log; empty: what was done stands in its place. */
  readonly reason: string;
  readonly principal: string;
  /** Arrival of the call, in microseconds since 1970. */
  readonly receiveTimeUs: number;
}

export interface Redaction extends NotedEdit {
  readonly eventId: EventId;
  /** Empties environment, service, revision, commit and principal too. */
  readonly allFields: boolean;
}

export interface Purge extends NotedEdit {
  /** Does not wait for the mirror. */
  readonly force: boolean;
  /** True on the operator's word that no instance of a version without purge serves the store. */
  readonly noOlderInstances: boolean;
}

/** Result of a redaction. */
export interface RedactedEvent {
  readonly event: StoredEvent;
  readonly emptiedFields: readonly string[];
  /** Undefined if nothing was emptied, or in a dry run. */
  readonly notice: StoredEvent | undefined;
}

/** Result of a deletion, or of its contrary. */
export interface HiddenDeployment {
  readonly head: Deployment;
  /** True if it stood so before. */
  readonly already: boolean;
}

/** Result of a purge. */
export interface PurgedDeployment extends HiddenDeployment {
  /** Number of events that this call has removed, or would remove at most. */
  readonly events: number;
}

/** Deadline and signal of the editing call. */
export interface EditCall {
  /** In ms since 1970; infinite if the caller set none. */
  readonly callerDeadlineMs: number;
  /** Aborted when the caller has given up. */
  readonly signal: AbortSignal;
}

interface DeploymentEditorOptions {
  readonly store: EventStore;
  readonly poker: Poker;
  readonly codec: EditCodec;
  /** Called after each edit: what is kept of the deployment in memory may be gone. */
  readonly onEdited: (deploymentId: DeploymentId) => void;
}

const advice = "the change may be made; repeat the call";

/** Empties events, and hides and removes deployments. Each edit may be repeated, and goes on where it ended. */
export class DeploymentEditor {
  readonly #options: DeploymentEditorOptions;
  readonly #times = new ChangeTimes();

  constructor(options: DeploymentEditorOptions) {
    this.#options = options;
  }

  /** Limits each edit to 5 s from now. */
  drain(): void {
    this.#times.drain();
  }

  /** Empties an event and records the notice of it, in one commit. Throws a Refusal. */
  redact(redaction: Redaction, call: EditCall): Promise<RedactedEvent> {
    return this.#within(limits.appendTimeMs, call, (deadlineMs) => this.#redact(redaction, deadlineMs));
  }

  /** Deletes a deployment, or undeletes it. Throws a Refusal. */
  hide(edit: Edit, isHidden: boolean, call: EditCall): Promise<HiddenDeployment> {
    return this.#within(limits.appendTimeMs, call, (deadlineMs) => this.#hide(edit, isHidden, deadlineMs));
  }

  /** Marks a deployment as purged, waits for the mirror, and removes its events in steps. Throws a Refusal. */
  purge(purge: Purge, call: EditCall): Promise<PurgedDeployment> {
    return this.#within(limits.purgeTimeMs, call, (deadlineMs) => this.#purge(purge, deadlineMs, call.signal));
  }

  /** Marks a deployment as purged: the first half of a purge. Throws a Refusal. */
  beginPurge(purge: Omit<NotedEdit, "dryRun">, call: EditCall): Promise<void> {
    return this.#within(limits.appendTimeMs, call, (deadlineMs) => this.#beginPurge(purge, deadlineMs));
  }

  /**
   * Removes the events of a marked deployment, the second half, and returns how many; undefined if the mirror has not published all of
   * them by `mirrorUntilMs`, in ms since 1970. Their bytes stay in the store's files until `finishEmptying`. Throws a Refusal.
   */
  finishPurge(deploymentId: DeploymentId, mirrorUntilMs: number, call: EditCall): Promise<number | undefined> {
    return this.#within(limits.purgeTimeMs, call, async (deadlineMs) => {
      const unmirrored = await this.#unmirrored(deploymentId, Math.min(mirrorUntilMs, deadlineMs), call.signal);
      return unmirrored === 0
        ? this.#removeEvents(deploymentId, { deadlineMs, emptyLater: true }, call.signal)
        : undefined;
    });
  }

  /** Removes from the store's files what `finishPurge` has left there, whatever has become of the caller. Throws a Refusal. */
  finishEmptying(): Promise<void> {
    const { store } = this.#options;
    return this.#within(limits.purgeTimeMs, { callerDeadlineMs: Number.POSITIVE_INFINITY }, (deadlineMs) =>
      store.finishEmptying({ deadlineMs }),
    );
  }

  async #within<T>(
    timeMs: number,
    call: Pick<EditCall, "callerDeadlineMs">,
    edit: (deadlineMs: number) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#times.within({ callerDeadlineMs: call.callerDeadlineMs, timeMs, advice }, edit);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  async #redact(redaction: Redaction, deadlineMs: number): Promise<RedactedEvent> {
    const { store, codec } = this.#options;
    const { deploymentId, eventId, allFields, dryRun, receiveTimeUs } = redaction;
    for (;;) {
      const read = await this.#readEvent(deploymentId, eventId);
      const emptied = codec.empty(read, allFields);
      const { left, fields: emptiedFields } = emptied;
      if (emptiedFields.length === 0) {
        // An earlier call may have ended before its bytes were gone from the files.
        if (!dryRun) await store.finishEmptying({ deadlineMs });
        return { event: read, emptiedFields, notice: undefined };
      }
      if (dryRun) return { event: codec.preview(read, emptied), emptiedFields, notice: undefined };
      const notice = codec.notice(redactedNotice(redaction, read));
      const redacted = await store.redactEvent(
        { deploymentId, read, facts: codec.factsOf(read), left, notice, receiveTimeUs },
        { deadlineMs },
      );
      // Somebody else was faster: there may be less to empty now, or nothing.
      if (redacted.kind === "changed") continue;
      this.#edited(deploymentId);
      return { event: redacted.event, emptiedFields, notice: redacted.notice };
    }
  }

  async #readEvent(deploymentId: DeploymentId, eventId: EventId): Promise<StoredEvent> {
    const read = await this.#options.store.readEvent(deploymentId, eventId, { hidden: true });
    if (read !== undefined) return read;
    const head = await this.#readHead(deploymentId);
    if (isPurged(head)) throw goneRefusal(head);
    throw eventNotFound(deploymentId, eventId);
  }

  async #hide({ deploymentId, dryRun }: Edit, isHidden: boolean, deadlineMs: number): Promise<HiddenDeployment> {
    const before = await this.#readHead(deploymentId);
    if (isPurged(before)) throw goneRefusal(before);
    const head = dryRun
      ? hiddenHead(before, isHidden)
      : await this.#options.store.hideDeployment(deploymentId, isHidden, { deadlineMs });
    if (head === undefined) throw deploymentNotFound(deploymentId);
    // Purged meanwhile.
    if (isPurged(head)) throw goneRefusal(head);
    const already = head.edits === before.edits;
    if (!already && !dryRun) this.#options.onEdited(deploymentId);
    return { head, already };
  }

  async #purge(purge: Purge, deadlineMs: number, signal: AbortSignal): Promise<PurgedDeployment> {
    const { store } = this.#options;
    const { deploymentId, dryRun, force, noOlderInstances } = purge;
    const before = await this.#readHead(deploymentId);
    if (before.standing === "purged") {
      if (!dryRun) await store.finishEmptying({ deadlineMs });
      return { head: before, events: 0, already: true };
    }
    if (store.traits.shared && !noOlderInstances) throw olderInstances(deploymentId);
    if (dryRun) return wouldPurge(before);

    await this.#beginPurge(purge, deadlineMs);
    // Leaves time for the refusal.
    const mirrorUntilMs = deadlineMs - Math.min(1_000, (deadlineMs - Date.now()) / 4);
    const unmirrored = force ? 0 : await this.#unmirrored(deploymentId, mirrorUntilMs, signal);
    if (unmirrored > 0) throw mirrorBehind(deploymentId, unmirrored);
    const events = await this.#removeEvents(deploymentId, { deadlineMs }, signal);
    return { head: await this.#readHead(deploymentId), events, already: false };
  }

  async #beginPurge(purge: Omit<NotedEdit, "dryRun">, deadlineMs: number): Promise<void> {
    const { store, codec } = this.#options;
    const { deploymentId, receiveTimeUs } = purge;
    const notice = codec.notice(purgedNotice(purge));
    const marked = await store.beginPurge({ deploymentId, notice, receiveTimeUs }, { deadlineMs });
    if (marked === undefined) throw deploymentNotFound(deploymentId);
    this.#edited(deploymentId);
  }

  async #removeEvents(deploymentId: DeploymentId, options: PurgeOptions, signal: AbortSignal): Promise<number> {
    let events = 0;
    for (;;) {
      const step = await this.#options.store.purgeSome(deploymentId, options);
      events += step.events;
      if (!step.more) return events;
      if (signal.aborted) throw new Refusal("DEADLINE_PASSED", `the caller has left; ${advice}`);
      // Appends come between the steps.
      await new Promise(setImmediate);
    }
  }

  /** Waits for the mirror, and returns how many events it has not published by `untilMs`, in ms since 1970. */
  async #unmirrored(deploymentId: DeploymentId, untilMs: number, signal: AbortSignal): Promise<number> {
    for (;;) {
      const unmirrored = await this.#options.store.unmirroredEvents(deploymentId);
      if (unmirrored === 0 || signal.aborted || Date.now() + limits.mirrorPollMs >= untilMs) return unmirrored;
      await sleep(limits.mirrorPollMs, undefined, { ref: false });
      this.#options.poker.poke(deploymentId);
    }
  }

  async #readHead(deploymentId: DeploymentId): Promise<Deployment> {
    const head = await this.#options.store.readDeployment(deploymentId);
    if (head === undefined) throw deploymentNotFound(deploymentId);
    return head;
  }

  #edited(deploymentId: DeploymentId): void {
    this.#options.poker.poke(deploymentId);
    this.#options.onEdited(deploymentId);
  }
}

function redactedNotice({ eventId, reason, allFields, principal }: Redaction, { sequence }: StoredEvent): NoticeOf {
  const message = reason || `event ${eventId} was redacted`;
  return { type: redactedType, message, data: { eventId, sequence, allFields }, principal };
}

function purgedNotice({ deploymentId, reason, principal }: Omit<NotedEdit, "dryRun">): NoticeOf {
  return { type: purgedType, message: reason || `deployment ${deploymentId} was purged`, principal };
}

function wouldPurge(head: Deployment): PurgedDeployment {
  const edits = isPurged(head) ? head.edits : head.edits + 1;
  return { head: purgeTombstone({ ...head, edits }), events: eventsToPurge(head), already: false };
}

/** Number of events that a purge would remove: with its notice; of a purge that has begun at most what is left. */
export function eventsToPurge(head: Deployment): number {
  return isPurged(head) ? head.headSequence : head.headSequence + 1;
}

/** Makes the refusal of a purge, of one deployment or of several, without the operator's word. */
export function olderInstances(deploymentId?: DeploymentId): Refusal {
  return new Refusal(
    "OLDER_INSTANCES",
    `an instance without purge would start ${deploymentId ?? "them"} again; finish the roll-out, then set no_older_instances`,
    { metadata: deploymentId === undefined ? {} : { deployment_id: deploymentId } },
  );
}

function mirrorBehind(deploymentId: DeploymentId, unmirrored: number): Refusal {
  return new Refusal(
    "MIRROR_BEHIND",
    `deployment ${deploymentId} is marked, and the mirror has yet to publish ${unmirrored} of its events; repeat the call, or set force`,
    { metadata: { deployment_id: deploymentId, unmirrored_events: `${unmirrored}` }, retryDelayMs: 5_000 },
  );
}
