import type { DatabaseSync } from "node:sqlite";
import { CachedHeads } from "../../cached-heads.ts";
import { type Append, type Clash, type EventWrite, planAppend } from "../../domain/append.ts";
import type { Deployment } from "../../domain/deployment.ts";
import type { StoredEvent } from "../../domain/event.ts";
import type { DeploymentId, EventId } from "../../domain/identifiers.ts";
import { limits } from "../../limits.ts";
import { type Fault, faultOf, isDamage, isOfRows } from "../faults.ts";
import { EventRun } from "../rows/event-run.ts";
import { foldedDiffer, type KeptDeployment } from "../rows/head-rows.ts";
import { findStrays } from "../scrub/scrub-arrivals.ts";
import { AppendStatements } from "./append-statements.ts";
import type { DamagedDeployments } from "./damaged-deployments.ts";

/** One call of a group. */
export interface AppendCall {
  readonly append: Append;
  /** Ids whose stored content has been found the same on decoding, though the bytes differ. */
  readonly same: ReadonlySet<EventId>;
  /** The number of the series that it belongs to. */
  readonly series?: number | undefined;
}

/** What came of one call; the sender knows the content of what it sent. */
export type AppendOutcome =
  /** All events are new; they have this sequence and the following ones. */
  | { readonly kind: "written"; readonly firstSequence: number }
  | {
      readonly kind: "accepted";
      readonly results: readonly ({ readonly sequence: number } | { readonly duplicate: StoredEvent })[];
    }
  | { readonly kind: "clash"; readonly clashes: readonly Clash[] }
  | { readonly kind: "mismatch"; readonly expectedSequence: number; readonly actualSequence: number }
  | { readonly kind: "fault"; readonly fault: Fault };

/** The connection that appends, and what it knows of the store. */
export class GroupAppender {
  readonly #database: DatabaseSync;
  readonly #statements: AppendStatements;
  /** As they were committed last, and while a transaction is open with what it has changed. */
  readonly #kept = new CachedHeads<KeptDeployment>();
  readonly #damaged: DamagedDeployments;
  /** The least number for the next event. */
  #nextNumber = 1;
  #lastNumber = 0;
  #dataVersion = 0;

  /** What it finds damaged is remembered in `damaged`, also for the connection after it. */
  constructor(database: DatabaseSync, damaged: DamagedDeployments) {
    this.#database = database;
    this.#damaged = damaged;
    this.#statements = new AppendStatements(database);
  }

  /**
   * Appends all calls in one transaction, in their order, each all or none. When the store refuses one, or one meets
   * damage that SQLite finds, they are appended one at a time, so that it alone fails. Throws what is wrong with the disk;
   * then nothing of the group is acknowledged, and this connection serves no more.
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

  /** Nothing is appended to a deployment that was found damaged, here or by a read, until somebody has written the file. */
  noteDamage(deploymentId: DeploymentId, fault: Fault): Fault {
    const noted = { ...fault, place: fault.place ?? { deploymentId } };
    this.#damaged.note(deploymentId, noted);
    return noted;
  }

  /** The number of the last event that was committed here; 0: none was. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  close(): void {
    this.#database.close();
  }

  /** What follows a refused one in its series, to the same deployment, is withdrawn. */
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

  // No other process of ours writes the file, but a person with the sqlite3 shell may.
  #dropWhatOthersChanged(): void {
    const version = this.#statements.dataVersion();
    if (version === this.#dataVersion) return;
    // It may be mended now; but a connection that was opened anew knows of no change.
    if (this.#dataVersion !== 0) this.#damaged.clear();
    this.#dataVersion = version;
    this.#kept.clear();
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
      // What is damaged among the newest events is told where it is read.
      if (!isDamage(error)) throw error;
    }
  }

  /** Rows that contradict themselves are met before anything of the call is written; nothing is appended on top of them. */
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
    return this.#appendAsNew(changed, before, append) ?? this.#appendAsStored(changed, before, append, same);
  }

  /** Plans a call of one event as if its id were new, so that most need no read; undefined: it is not. */
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
      isSame: (stored, offered) => same.has(stored.eventId) || Buffer.compare(stored.content, offered.content) === 0,
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
    return { number: this.#statements.insertDeployment(head), head, lastRun: new EventRun(1) };
  }

  /** Writes new events and what they make of their deployment, all but the row in `heads`; false: an id is not new. */
  #write(
    changed: Map<DeploymentId, KeptDeployment>,
    kept: KeptDeployment,
    head: Deployment,
    writes: readonly EventWrite[],
  ): boolean {
    for (const { stored } of writes) {
      // The last event of the run may be gone, and a run's numbers only rise.
      const eventNumber = Math.max(this.#nextNumber, kept.lastRun.lastNumber + 1);
      if (!this.#statements.insertEvent(eventNumber, kept.number, stored)) return false;
      this.#nextNumber = eventNumber + 1;
      // Before it is changed, so that it is forgotten when the transaction fails.
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
