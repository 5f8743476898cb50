import type { DatabaseSync } from "node:sqlite";
import { CachedHeads } from "../../cached-heads.ts";
import { type Append, type Clash, planAppend } from "../../domain/append.ts";
import { type Deployment, isPurged } from "../../domain/deployment.ts";
import type { StoredEvent } from "../../domain/event.ts";
import type { DeploymentId, EventId } from "../../domain/identifiers.ts";
import { isRedactedContent } from "../../domain/redaction.ts";
import { limits } from "../../limits.ts";
import { type Fault, faultError, faultOf, isDamage, isOfRows } from "../faults.ts";
import { EventRun } from "../rows/event-run.ts";
import { foldedDiffer, isEdited, type KeptDeployment } from "../rows/head-rows.ts";
import { countLostAnew, faultIfLost } from "../scrub/lost-deployments.ts";
import { findStrays } from "../scrub/scrub-arrivals.ts";
import { AppendStatements } from "./append-statements.ts";
import type { DamagedDeployments } from "./damaged-deployments.ts";
import { KeyRing } from "./key-ring.ts";

/** A call of a group. */
export interface AppendCall {
  readonly append: Append;
  /** Ids whose stored content is equal after decoding, although the bytes differ. */
  readonly same: ReadonlySet<EventId>;
  /** Number of its series. */
  readonly series?: number | undefined;
}

/** Outcome of one call; the sender knows the content that it sent. */
export type AppendOutcome =
  /** All events are new, with this sequence and the following ones. */
  | { readonly kind: "written"; readonly firstSequence: number }
  | {
      readonly kind: "accepted";
      readonly results: readonly ({ readonly sequence: number } | { readonly duplicate: StoredEvent })[];
    }
  | { readonly kind: "clash"; readonly clashes: readonly Clash[] }
  | { readonly kind: "gone"; readonly head: Deployment }
  | { readonly kind: "mismatch"; readonly expectedSequence: number; readonly actualSequence: number }
  | { readonly kind: "fault"; readonly fault: Fault };

/** An event to write, in sequence order. */
interface Write {
  readonly stored: StoredEvent;
}

/** What a change of a deployment other than an append may do, within its transaction. */
export interface Change {
  /** The deployment as stored; undefined if there is none. */
  readonly kept: KeptDeployment | undefined;
  readonly statements: AppendStatements;
  readonly keys: KeyRing;
  /** Writes a head and new events; creates the deployment if there is none. */
  write(head: Deployment, writes: readonly Write[]): KeptDeployment;
}

/** The appending connection and its cached state. */
export class GroupAppender {
  readonly #database: DatabaseSync;
  readonly #statements: AppendStatements;
  /** Last committed state, plus the changes of an open transaction. */
  readonly #kept = new CachedHeads<KeptDeployment>();
  readonly #damaged: DamagedDeployments;
  readonly #keys: KeyRing;
  /** Lowest number for the next event. */
  #nextNumber = 1;
  #lastNumber = 0;
  #dataVersion = 0;

  /** `damaged` collects damage, also for the next connection. */
  constructor(database: DatabaseSync, damaged: DamagedDeployments) {
    this.#database = database;
    this.#damaged = damaged;
    this.#statements = new AppendStatements(database);
    this.#keys = new KeyRing(database);
  }

  /**
   * Appends all calls in one transaction, in order, each all or none. If the store refuses one, or one meets damage,
   * they are appended one at a time, so that only the faulty one fails. Throws on a disk fault; then nothing of the
   * group is acknowledged, and this connection must not be used again.
   */
  append(calls: readonly AppendCall[]): readonly AppendOutcome[] {
    try {
      return this.#inTransaction(calls);
    } catch (error) {
      const fault = faultOf(error);
      if (fault.reason !== "STORE_REFUSED" && !isDamage(error)) throw error;
      const [call, ...others] = calls;
      if (call === undefined || others.length > 0) return this.#oneAtATime(calls);
      return [{ kind: "fault", fault: isDamage(error) ? this.noteDamage(call.append.deploymentId, fault) : fault }];
    }
  }

  /**
   * Changes one deployment in a transaction of its own. Throws on any fault; after one of contradictory rows the deployment
   * is noted as damaged, and after others this connection must not be used again.
   */
  change<Result>(deploymentId: DeploymentId, work: (change: Change) => Result): Result {
    const changed = new Map<DeploymentId, KeptDeployment>();
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      this.#dropWhatOthersChanged();
      const known = this.#damaged.find(deploymentId);
      if (known !== undefined) throw faultError(known);
      this.#kept.drop(deploymentId);
      const result = work(this.#changeOf(deploymentId, changed));
      this.#statements.writeHeads([...changed.values()]);
      for (const kept of changed.values()) if (isEdited(kept.head)) this.#statements.writeEdits(kept);
      this.#database.exec("COMMIT");
      if (changed.size > 0) this.#lastNumber = this.#nextNumber - 1;
      return result;
    } catch (error) {
      this.#keys.forget();
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      if (isOfRows(error)) this.noteDamage(deploymentId, faultOf(error));
      throw error;
    }
  }

  #changeOf(deploymentId: DeploymentId, changed: Map<DeploymentId, KeptDeployment>): Change {
    const kept = this.#statements.findDeployment(deploymentId);
    const fault = kept === undefined ? faultIfLost(this.#database, deploymentId) : undefined;
    if (fault !== undefined) throw fault;
    return {
      kept,
      statements: this.#statements,
      keys: this.#keys,
      write: (head, writes) => {
        const written = kept ?? this.#create(head);
        changed.set(deploymentId, written);
        if (!this.#write(changed, written, head, writes)) throw new Error(`${deploymentId} has an event of that id`);
        // From here on numbers that were given out must not be given out again, though their events go.
        if (isPurged(head) && written.lastNumber === 0) written.lastNumber = this.#nextNumber - 1;
        return written;
      },
    };
  }

  /** Reads and writes keys, in a transaction of its own. Throws on any fault. */
  withKeys<Result>(work: (keys: KeyRing) => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      this.#dropWhatOthersChanged();
      const result = work(this.#keys);
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#keys.forget();
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Throws for a deployment found damaged, here or by a read, until somebody has written the file. */
  noteDamage(deploymentId: DeploymentId, fault: Fault): Fault {
    const noted = { ...fault, place: fault.place ?? { deploymentId } };
    this.#damaged.note(deploymentId, noted);
    return noted;
  }

  /** Number of the last event committed here; 0 if none was. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  close(): void {
    this.#database.close();
  }

  /** Withdraws later calls of its series to the same deployment. */
  #oneAtATime(calls: readonly AppendCall[]): readonly AppendOutcome[] {
    const broken = new Map<string, AppendOutcome>();
    return calls.flatMap((call) => {
      const place = call.series === undefined ? undefined : `${call.series}/${call.append.deploymentId}`;
      const withdrawn = place === undefined ? undefined : broken.get(place);
      if (withdrawn !== undefined) return withdrawn;
      const outcomes = this.append([call]);
      for (const outcome of outcomes) if (place !== undefined && outcome.kind === "fault") broken.set(place, outcome);
      return outcomes;
    });
  }

  #inTransaction(calls: readonly AppendCall[]): readonly AppendOutcome[] {
    const changed = new Map<DeploymentId, KeptDeployment>();
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      this.#dropWhatOthersChanged();
      const outcomes = calls.map((call) => this.#appendOne(changed, call));
      this.#statements.writeHeads([...changed.values()]);
      this.#database.exec("COMMIT");
      if (changed.size > 0) this.#lastNumber = this.#nextNumber - 1;
      for (const [deploymentId, kept] of changed) this.#kept.set(deploymentId, kept);
      return outcomes;
    } catch (error) {
      for (const deploymentId of changed.keys()) this.#kept.drop(deploymentId);
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  // None of our processes writes the file, but a person with the sqlite3 shell may.
  #dropWhatOthersChanged(): void {
    const version = this.#statements.dataVersion();
    if (version === this.#dataVersion) return;
    // It may be repaired now, but a reopened connection cannot see a change.
    if (this.#dataVersion !== 0) this.#damaged.clear();
    this.#dataVersion = version;
    this.#kept.clear();
    this.#keys.forget();
    countLostAnew(this.#database);
    this.#nextNumber = Math.max(this.#nextNumber, this.#statements.lastNumber() + 1);
    this.#noteHeadsBehind();
  }

  #noteHeadsBehind(): void {
    try {
      const last = this.#statements.lastNumber();
      const eventsMax = limits.sqliteNewestEvents;
      for (const stray of findStrays(this.#database, { after: Math.max(0, last - eventsMax), last, eventsMax })) {
        if (stray.place !== undefined) this.noteDamage(stray.place.deploymentId, faultOf(stray));
      }
    } catch (error) {
      // Damage of the newest events is reported when it is read.
      if (!isDamage(error)) throw error;
    }
  }

  /** Contradictory rows are met before anything of the call is written; nothing is appended on top of them. */
  #appendOne(changed: Map<DeploymentId, KeptDeployment>, call: AppendCall): AppendOutcome {
    const { deploymentId } = call.append;
    const known = this.#damaged.find(deploymentId);
    if (known !== undefined) return { kind: "fault", fault: known };
    try {
      return this.#appendToWhole(changed, call);
    } catch (error) {
      if (!isOfRows(error)) throw error;
      return { kind: "fault", fault: this.noteDamage(deploymentId, faultOf(error)) };
    }
  }

  #appendToWhole(changed: Map<DeploymentId, KeptDeployment>, { append, same }: AppendCall): AppendOutcome {
    const { deploymentId } = append;
    const before =
      changed.get(deploymentId) ?? this.#kept.get(deploymentId) ?? this.#statements.findDeployment(deploymentId);
    const fault = before === undefined ? faultIfLost(this.#database, deploymentId) : undefined;
    // Not noted: anybody may ask for any number of ids.
    if (fault !== undefined) return { kind: "fault", fault: faultOf(fault) };
    return this.#appendAsNew(changed, before, append) ?? this.#appendAsStored(changed, before, append, same);
  }

  /** Plans a call of one event as if its id were new, so that most calls need no read; returns undefined if it is not. */
  #appendAsNew(
    changed: Map<DeploymentId, KeptDeployment>,
    before: KeptDeployment | undefined,
    append: Append,
  ): AppendOutcome | undefined {
    if (before === undefined || append.events.length > 1) return undefined;
    const plan = planAppend(append, { head: before.head, find: nothing, isSame: never });
    if (plan.kind !== "accepted" || plan.head === undefined) return undefined;
    if (!this.#write(changed, before, plan.head, plan.writes)) return undefined;
    return { kind: "written", firstSequence: plan.head.headSequence };
  }

  #appendAsStored(
    changed: Map<DeploymentId, KeptDeployment>,
    before: KeptDeployment | undefined,
    append: Append,
    same: ReadonlySet<EventId>,
  ): AppendOutcome {
    const plan = planAppend(append, {
      head: before?.head,
      find: (eventId) => (before === undefined ? undefined : this.#statements.findEvent(before, eventId)),
      isSame: (stored, offered) =>
        stored.redaction === undefined
          ? same.has(stored.eventId) || Buffer.compare(stored.content, offered.content) === 0
          : isRedactedContent(stored.redaction, offered.content, this.#keys.find),
    });
    if (plan.kind !== "accepted") return plan;
    if (plan.head !== undefined) {
      const written = this.#write(changed, before ?? this.#create(plan.head), plan.head, plan.writes);
      if (!written) throw new Error(`a call to ${append.deploymentId} holds an event twice`);
    }
    const [first] = plan.results;
    if (first !== undefined && plan.writes.length === append.events.length) {
      return { kind: "written", firstSequence: first.event.sequence };
    }
    const results = plan.results.map(({ event, duplicate }) =>
      duplicate ? { duplicate: event } : { sequence: event.sequence },
    );
    return { kind: "accepted", results };
  }

  #create(head: Deployment): KeptDeployment {
    return { number: this.#statements.insertDeployment(head), head, lastRun: new EventRun(1), lastNumber: 0 };
  }

  /** Writes new events and their deployment's changes, except the row in `heads`; returns false if an id is not new. */
  #write(
    changed: Map<DeploymentId, KeptDeployment>,
    kept: KeptDeployment,
    head: Deployment,
    writes: readonly Write[],
  ): boolean {
    for (const { stored } of writes) {
      // The last event of the run may be gone, and the numbers of a run only increase.
      const eventNumber = Math.max(this.#nextNumber, kept.lastRun.lastNumber + 1);
      if (!this.#statements.insertEvent(eventNumber, kept.number, stored)) return false;
      this.#nextNumber = eventNumber + 1;
      // Before the change, so that it is dropped if the transaction fails.
      changed.set(head.deploymentId, kept);
      kept.lastRun.add(eventNumber);
      if (!kept.lastRun.isFull) continue;
      this.#statements.insertRun(kept.number, kept.lastRun);
      kept.lastRun = new EventRun(stored.sequence + 1);
    }
    if (foldedDiffer(kept.head, head)) this.#statements.updateDeployment(kept.number, head);
    kept.head = head;
    return true;
  }
}

const nothing = () => undefined;
const never = () => false;
