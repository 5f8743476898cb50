import type { DatabaseSync } from "node:sqlite";
import { isPurged } from "../../domain/deployment.ts";
import { limits } from "../../limits.ts";
import type { ScrubFinding } from "../../scrub-report.ts";
import type { DamagedPlace } from "../../store-error.ts";
import { faultOf, isDamage, isOfRows } from "../faults.ts";
import type { KeptDeployment } from "../rows/head-rows.ts";
import { lastNumberOf } from "../rows/last-number.ts";
import { inOneMoment } from "../rows/one-moment.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";
import { countArrivals, findStrays } from "./scrub-arrivals.ts";
import { checkFoundById, checkListed, numberAfter, numberedDeployment, numberedTables } from "./scrub-deployment.ts";
import { scrubEvents } from "./scrub-events.ts";

/**
 * One self-check of the whole store, in short steps, each on a snapshot: first each deployment with all events of its
 * runs, by number; then the rows of all events in order of arrival, to find those that no deployment counts.
 */
export class ScrubWalk {
  /** Current phase. */
  #phase: "deployments" | "arrivals" | "over" = "deployments";
  /** Last checked deployment; 0 before the first. */
  #deployment = 0;
  /** Last checked event of it; undefined if it needs no more checks. */
  #sequence: number | undefined;
  /** Last checked event in order of arrival. */
  #arrival = 0;
  /** Last event at the start of the pass; events up to it are counted in both phases. */
  #lastArrival: number | undefined;
  /** Deployments that are purged or being so, at the start. */
  #purges = 0;
  /** Events up to it that deployments count: existing and missing ones. */
  #there = 0;
  #notThere = 0;
  /** True if a deployment has unchecked events. */
  #hasSkipped = false;
  /** True if events without a deployment were found. */
  #hasStrays = false;
  /** Events up to it in order of arrival. */
  #arrived = 0;
  /** Tables without further deployments. */
  readonly #unreadable = new Set<string>();
  #findings: ScrubFinding[] = [];
  #found = 0;
  #hasBrokenConnection = false;
  #deployments = 0;
  #events = 0;

  get isOver(): boolean {
    return this.#phase === "over";
  }

  /** True if the last error may also show elsewhere, so that the next step needs a new connection. */
  get hasBrokenConnection(): boolean {
    return this.#hasBrokenConnection;
  }

  get seen(): { readonly deployments: number; readonly events: number } {
    return { deployments: this.#deployments, events: this.#events };
  }

  /** Takes the next step. Throws if the check cannot continue; damage is a finding. */
  step(database: DatabaseSync): readonly ScrubFinding[] {
    this.#findings = [];
    this.#hasBrokenConnection = false;
    let isDone = false;
    try {
      inOneMoment(database, () => {
        this.#step(database);
        isDone = true;
      });
    } catch (error) {
      if (!isDone) throw error;
      // An error of SQLite also breaks the end of its transaction.
      this.#hasBrokenConnection = true;
    }
    this.#found += this.#findings.length;
    return this.#findings;
  }

  #step(database: DatabaseSync): void {
    if (this.#lastArrival === undefined) {
      this.#lastArrival = 0;
      this.#attempt(() => {
        this.#lastArrival = lastNumberOf(database);
        this.#purges = purgesIn(database);
      });
    }
    if (this.#sequence !== undefined) this.#lookAtEvents(database);
    else if (this.#phase === "deployments") this.#nextDeployment(database);
    else if (this.#phase === "arrivals") this.#lookAtArrivals(database, this.#lastArrival);
  }

  #nextDeployment(database: DatabaseSync): void {
    const numbers: number[] = [];
    for (const table of numberedTables) {
      if (this.#unreadable.has(table)) continue;
      const isRead = this.#attempt(() => {
        const next = numberAfter(database, table, this.#deployment);
        if (next !== undefined) numbers.push(next);
      });
      if (isRead) continue;
      this.#unreadable.add(table);
      this.#hasSkipped = true;
    }
    if (numbers.length === 0) {
      this.#phase = "arrivals";
      return;
    }
    this.#deployment = Math.min(...numbers);
    this.#deployments += 1;
    const isRead = this.#attempt(() => {
      const kept = numberedDeployment(database, this.#deployment);
      const { deploymentId } = kept.head;
      this.#attempt(() => checkFoundById(database, kept), { deploymentId });
      this.#attempt(() => checkListed(database, kept), { deploymentId });
      this.#sequence = 0;
    });
    if (!isRead) this.#hasSkipped = true;
  }

  #lookAtEvents(database: DatabaseSync): void {
    const after = this.#sequence ?? 0;
    // Skip the rest of the deployment if the following throws.
    this.#sequence = undefined;
    let isRead = false;
    this.#attempt(() => {
      const kept = numberedDeployment(database, this.#deployment);
      const { deploymentId } = kept.head;
      isRead = this.#attempt(() => this.#lookAtEventsOf(database, kept, after), { deploymentId });
    });
    if (!isRead) this.#hasSkipped = true;
  }

  #lookAtEventsOf(database: DatabaseSync, kept: KeptDeployment, after: number): void {
    const { deploymentId } = kept.head;
    if (isPurged(kept.head)) {
      this.#hasSkipped = true;
      return;
    }
    for (const { sequence, number, isThere, fault } of scrubEvents(database, kept, after)) {
      this.#events += 1;
      if (number <= (this.#lastArrival ?? 0)) this.#count(isThere);
      if (fault !== undefined) this.#note(fault, { deploymentId, sequence });
      if (sequence < after + limits.scrubStepEvents) continue;
      this.#sequence = sequence;
      return;
    }
  }

  #lookAtArrivals(database: DatabaseSync, last: number): void {
    const slice = { after: this.#arrival, last, eventsMax: limits.scrubStepEvents };
    const isRead = this.#attempt(() => {
      const { events, reached } = countArrivals(database, slice);
      this.#arrived += events;
      const strays = findStrays(database, { ...slice, last: reached });
      for (const stray of strays) this.#note(stray);
      if (strays.length > 0) this.#hasStrays = true;
      this.#arrival = reached;
    });
    if (isRead && this.#arrival < last) return;
    this.#phase = "over";
    // A purge meanwhile has taken events that were counted before.
    if (isRead) this.#attempt(() => this.#purges === purgesIn(database) && this.#compareCounts());
  }

  #count(isThere: boolean): void {
    if (isThere) this.#there += 1;
    else this.#notThere += 1;
  }

  #compareCounts(): void {
    const lacks = this.#arrived < this.#there;
    const hasMore = this.#arrived > this.#there + this.#notThere;
    const isExplained = this.#hasSkipped || this.#hasStrays;
    if (!lacks && (!hasMore || isExplained)) return;
    const message = `${this.#arrived} events stand in the order of arrival, and deployments have ${this.#there}`;
    this.#findings.push({ reason: "STORE_DAMAGED", message });
  }

  /** Runs a check; returns whether it finished. An error is a finding at this place, unless it has a more exact one. */
  #attempt(part: () => void, place?: DamagedPlace): boolean {
    try {
      part();
      return true;
    } catch (error) {
      this.#note(error, place);
      return false;
    }
  }

  #note(error: unknown, place?: DamagedPlace): void {
    const fault = faultOf(error);
    const { reason, message } = fault;
    if (!isDamage(error) && reason !== "STORE_IO_ERROR") throw error;
    if (!isOfRows(error)) this.#hasBrokenConnection = true;
    this.#findings.push({ reason, message, place: fault.place ?? place });
  }
}

function purgesIn(database: DatabaseSync): number {
  const sql = "SELECT count(*) FROM edits WHERE standing IN ('purging', 'purged')";
  return (preparedStatement(database, sql).get() as unknown as readonly [number])[0];
}
