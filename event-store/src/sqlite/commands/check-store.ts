import { DatabaseSync } from "node:sqlite";
import type { CheckOptions, CheckReport, Finding } from "../../check-report.ts";
import { counted } from "../../counted.ts";
import { isPurged } from "../../domain/deployment.ts";
import { everyEvent } from "../../domain/event-filter.ts";
import type { DeploymentId, EventId } from "../../domain/identifiers.ts";
import { type DamagedPlace, type StoreFaultError, StoreOpenError } from "../../store-error.ts";
import { isOfRows } from "../faults.ts";
import { hasLog, locationOf } from "../files/file-location.ts";
import { cutOffOf, readStoreHeader } from "../files/store-header.ts";
import { schemaVersion } from "../migrations/schema.ts";
import { queryDeployment, queryEvents } from "../reading/queries.ts";
import { eventPlaces, findDeployment } from "../rows/event-places.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";
import { readEnds } from "../rows/tree-ends.ts";
import { lostDeployments } from "../scrub/lost-deployments.ts";
import { HistoryProof } from "./history-proof.ts";

/** Most reported findings; the others are counted. */
const findingsMax = 100;

/** Events, and their bytes, per read. */
const page = { eventsMax: 1_000, bytesMax: 4 * 1024 * 1024 } as const;

/**
 * Checks a store's file with its write-ahead log, without changing anything: SQLite's own check, each event in its
 * place and found by its id, each head consistent with its events. Throws StoreOpenError if it is not a store.
 */
export function checkStore(file: string, options: CheckOptions): CheckReport {
  const { schemaVersion: version } = readStoreHeader(file);
  if (version > schemaVersion) {
    const message = `${file} has schema ${version} but this program supports ${schemaVersion}; use the version that made it`;
    throw new StoreOpenError(message);
  }
  const cutOff = cutOffOf(file);
  // Without a log nothing is created beside the file, so that its folder may be read-only.
  const location = locationOf(file, hasLog(file) ? "ro" : "ro&immutable=1");
  using database = new DatabaseSync(location, { readOnly: true });
  const check = new StoreCheck(database, options);
  if (cutOff !== undefined) check.add({ what: cutOff });
  check.attempt(() => check.sqlite(), { how: "SQLite" });
  if (version !== schemaVersion) return { ...check.report, olderSchema: version, start: undefined };
  const isOpened = check.attempt(() => readEnds(database), { how: "the service cannot open it" });
  if (isOpened) check.attempt(() => check.walk());
  return { ...check.report, olderSchema: undefined, start: isOpened ? undefined : "unreadable" };
}

class StoreCheck {
  readonly #database: DatabaseSync;
  readonly #options: CheckOptions;
  readonly #findings: Finding[] = [];
  #found = 0;
  #deployments = 0;
  #events = 0;
  #total = 0;

  constructor(database: DatabaseSync, options: CheckOptions) {
    this.#database = database;
    this.#options = options;
  }

  get report() {
    return { deployments: this.#deployments, events: this.#events, findings: this.#findings, found: this.#found };
  }

  /** Runs a part; returns whether it finished. An error is a finding, and ends that part. */
  attempt(part: () => void, { how, ...place }: Partial<DamagedPlace> & { readonly how?: string } = {}): boolean {
    try {
      part();
      return true;
    } catch (error) {
      const { message } = error as Error;
      this.add({ ...place, ...placeOf(error), what: how === undefined ? message : `${how}: ${message}` });
      return false;
    }
  }

  sqlite(): void {
    const pragma = this.#options.deep ? "integrity_check" : "quick_check";
    for (const row of this.#database.prepare(`PRAGMA ${pragma}(${findingsMax})`).iterate()) {
      const [text] = Object.values(row);
      if (text !== "ok") this.add({ what: `SQLite: ${text}` });
    }
  }

  walk(): void {
    // Those whose purge is under way are in no deployment any more.
    this.#total = this.#count(
      "SELECT count(*) AS rows FROM events LEFT JOIN edits USING (deployment) WHERE coalesce(standing, '') <> 'purging'",
    );
    const ids = this.#database.prepare(
      "SELECT number, deployment_id AS id FROM deployments WHERE number > ? ORDER BY number LIMIT 1",
    );
    let after = 0;
    for (;;) {
      const row = ids.get(after) as { readonly number: number; readonly id: DeploymentId } | undefined;
      if (row === undefined) break;
      after = row.number;
      this.#deployments += 1;
      this.attempt(() => this.#checkDeployment(row.id), { deploymentId: row.id });
    }
    this.#checkStrays();
  }

  #checkDeployment(deploymentId: DeploymentId): void {
    const head = queryDeployment(this.#database, deploymentId);
    if (head === undefined) {
      this.add({ deploymentId, what: "is not found by its id" });
      return;
    }
    // Of a purged one nothing is left to compare, or some of its events are still to be removed.
    if (isPurged(head)) return;
    const { codec } = this.#options;
    const proof = codec && new HistoryProof(head, codec);
    let last = 0;
    for (;;) {
      const next = this.#checkPage(deploymentId, last, proof);
      last = next.last;
      this.#options.onProgress({ events: this.#events, of: this.#total });
      if (!next.more) break;
    }
    if (last < head.headSequence) {
      this.add({ deploymentId, sequence: last + 1, what: `events up to the head ${head.headSequence} are missing` });
    }
    for (const what of proof?.differences() ?? []) this.add({ deploymentId, what });
  }

  /** Checks the events after a sequence. A damaged event is a finding; the check continues after it. */
  #checkPage(
    deploymentId: DeploymentId,
    after: number,
    proof: HistoryProof | undefined,
  ): { readonly last: number; readonly more: boolean } {
    try {
      const cursor = after === 0 ? undefined : after;
      const request = { deploymentId, order: "ascending", cursor, filter: everyEvent, hidden: true, ...page } as const;
      const { events, more } = queryEvents(this.#database, request);
      // The numbers of the events, to which the index of ids must lead.
      const kept = findDeployment(this.#database, deploymentId);
      const places = kept === undefined ? noPlaces() : eventPlaces(this.#database, kept, request);
      let last = after;
      for (const event of events) {
        const { sequence, eventId } = event;
        proof?.add(event);
        if (sequence !== last + 1)
          this.add({ deploymentId, sequence: last + 1, what: `is missing, up to ${sequence - 1}` });
        last = sequence;
        this.#events += 1;
        let place = places.next();
        while (!place.done && place.value.sequence < sequence) place = places.next();
        if (place.done || this.#isFoundById(eventId, place.value)) continue;
        this.add({ deploymentId, sequence, what: `its id ${eventId} leads to another event, or to none` });
      }
      places.return(undefined);
      return { last, more: more && last > after };
    } catch (error) {
      const place = placeOf(error);
      if (!isOfRows(error) || place.sequence === undefined || place.sequence <= after) throw error;
      this.#events += 1;
      this.add({ deploymentId, ...place, what: (error as Error).message });
      return { last: place.sequence, more: true };
    }
  }

  #isFoundById(eventId: EventId, place: { readonly deployment: number; readonly number: number }): boolean {
    // Answered from the index only.
    const byId = preparedStatement(this.#database, "SELECT number FROM events WHERE event_id = ? AND deployment = ?");
    const row = byId.get(eventId, place.deployment) as unknown as readonly [number] | undefined;
    return row?.[0] === place.number;
  }

  /** Finds rows without a deployment, or without a position in one. */
  #checkStrays(): void {
    if (this.#found === 0 && this.#events !== this.#total) {
      const stored = `${counted(this.#total, "event")} ${this.#total === 1 ? "is" : "are"} stored`;
      this.add({ what: `${stored}, and ${this.#events} of them in a deployment` });
    }
    const lost = lostDeployments(this.#database);
    if (lost !== undefined) this.add({ what: `${lost}, so the service creates none without --accept-loss` });
    for (const table of ["heads", "runs", "edits"]) {
      const strays = `SELECT count(*) AS rows FROM ${table} WHERE deployment NOT IN (SELECT number FROM deployments)`;
      const rows = this.#count(strays);
      const belong = rows === 1 ? "belongs" : "belong";
      if (rows > 0) this.add({ what: `${counted(rows, "row")} of ${table} ${belong} to no deployment` });
    }
  }

  #count(sql: string): number {
    return (this.#database.prepare(sql).get() as { readonly rows: number }).rows;
  }

  add(finding: Finding): void {
    this.#found += 1;
    if (this.#findings.length < findingsMax) this.#findings.push(finding);
  }
}

function* noPlaces(): Generator<never> {}

function placeOf(error: unknown): Partial<DamagedPlace> {
  return (error as Partial<StoreFaultError>).place ?? {};
}
