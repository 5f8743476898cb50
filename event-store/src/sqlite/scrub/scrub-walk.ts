import type { DatabaseSync } from "node:sqlite";
import { limits } from "../../limits.ts";
import type { ScrubFinding } from "../../scrub-report.ts";
import type { DamagedPlace } from "../../store-error.ts";
import { faultOf, isDamage, isOfRows } from "../faults.ts";
import type { KeptDeployment } from "../rows/head-rows.ts";
import { lastNumberOf } from "../rows/last-number.ts";
import { inOneMoment } from "../rows/one-moment.ts";
import { countArrivals, findStrays } from "./scrub-arrivals.ts";
import { checkFoundById, checkListed, numberAfter, numberedDeployment, numberedTables } from "./scrub-deployment.ts";
import { scrubEvents } from "./scrub-events.ts";

/**
 * One look at the whole store, in steps that are short and see it as it is at their moment: first each deployment with all
 * that its runs count, by number; then the rows of all events in the order of arrival, for those that nothing counts.
 */
export class ScrubWalk {
  /** What is looked at next. */
  #phase: "deployments" | "arrivals" | "over" = "deployments";
  /** The deployment that was looked at last; 0: none yet. */
  #deployment = 0;
  /** Of its events the last that was looked at; undefined: nothing more of it is to be looked at. */
  #sequence: number | undefined;
  /** The event in the order of arrival that was looked at last. */
  #arrival = 0;
  /** The last event that there was when the pass began: so many are counted twice, here and there. */
  #lastArrival: number | undefined;
  /** Events up to that one which a deployment counts: those that are there, and the others. */
  #there = 0;
  #notThere = 0;
  /** A deployment has events that were not looked at. */
  #hasSkipped = false;
  /** Events were found that no deployment counts. */
  #hasStrays = false;
  /** Events up to that one in the order of arrival. */
  #arrived = 0;
  /** Tables in which no further deployment can be found. */
  readonly #unreadable = new Set<string>();
  #findings: ScrubFinding[] = [];
  #found = 0;
  #hasBrokenConnection = false;
  #deployments = 0;
  #events = 0;

  get isOver(): boolean {
    return this.#phase === "over";
  }

  /** What the last step has met may show again where it is not: the next one is to have another connection. */
  get hasBrokenConnection(): boolean {
    return this.#hasBrokenConnection;
  }

  get seen(): { readonly deployments: number; readonly events: number } {
    return { deployments: this.#deployments, events: this.#events };
  }

  /** Takes the next step. Throws what keeps the store from being looked at further; damage is a finding. */
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
      // What SQLite has met breaks the end of its transaction as well.
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
    // Nothing more of it, where what follows throws.
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
    if (isRead) this.#compareCounts();
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

  /** Whether it came to its end. What it meets is a finding at this place, unless it knows a better one. */
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
