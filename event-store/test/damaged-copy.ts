import type { DatabaseSync } from "node:sqlite";
import { codec, newEvent } from "../contract/builders.ts";
import { type DeploymentId, everyEvent, type NewEvent, type StoredEvent, StoreOpenError } from "../src/index.ts";
import { type AppendCall, type AppendOutcome, GroupAppender } from "../src/sqlite/appending/append-group.ts";
import { DamagedDeployments } from "../src/sqlite/appending/damaged-deployments.ts";
import { faultOf } from "../src/sqlite/faults.ts";
import { openForAppends, openForReads, takeFile } from "../src/sqlite/files/open-file.ts";
import { queryDeployment, queryDeployments, queryEvent, queryEvents } from "../src/sqlite/reading/queries.ts";
import { queryArrivals } from "../src/sqlite/reading/query-arrivals.ts";

/** What a store holds, by deployment. */
export type Model = ReadonlyMap<DeploymentId, { readonly head: unknown; readonly events: readonly StoredEvent[] }>;

/** What came of a damaged copy of a store. */
export interface Verdict {
  /** It did not start. */
  readonly refused: boolean;
  /** Reads and appends that were answered with a fault. */
  readonly faults: number;
  /** What it gave back though it was never stored, or kept back without a word. */
  readonly wrong: readonly string[];
  /** What it kept back without a word, since an index hides it: what only a look at the whole store notices. */
  readonly hidden: readonly Hidden[];
}

/** What a damaged index hides. */
export type Hidden =
  | { readonly kind: "event"; readonly deploymentId: DeploymentId; readonly event: StoredEvent }
  /** Sent again it was stored again. */
  | { readonly kind: "twice"; readonly deploymentId: DeploymentId; readonly event: StoredEvent }
  | { readonly kind: "listed"; readonly deploymentId: DeploymentId }
  /** Missing in the list of all events. */
  | { readonly kind: "arrival"; readonly deploymentId: DeploymentId; readonly event: StoredEvent };

/** Starts with a copy and holds all that it gives back against what was stored. */
export async function judgeCopy(file: string, model: Model): Promise<Verdict> {
  let lock: DatabaseSync;
  try {
    ({ lock } = await takeFile(file, { codec, acceptLoss: false, onMigration: () => {} }));
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    return { refused: true, faults: 0, wrong: [], hidden: [] };
  }
  try {
    using database = openForReads(file);
    const judge = new Judge(database, model);
    judge.readAll();
    judge.resend(file);
    const { faults, wrong, hidden } = judge;
    return { refused: false, faults, wrong, hidden };
  } finally {
    lock.close();
  }
}

const pageSize = 50;

class Judge {
  readonly #database: DatabaseSync;
  readonly #model: Model;
  readonly wrong: string[] = [];
  readonly hidden: Hidden[] = [];
  faults = 0;

  constructor(database: DatabaseSync, model: Model) {
    this.#database = database;
    this.#model = model;
  }

  readAll(): void {
    this.#readHeads();
    this.#readArrivals();
    for (const id of this.#model.keys()) {
      this.#read(() => {
        const head = queryDeployment(this.#database, id);
        if (!isSame(head, this.#model.get(id)?.head)) this.wrong.push(`head ${id}: ${JSON.stringify(head)}`);
      });
      for (const order of ["ascending", "descending"] as const) this.#readEvents(id, order);
      for (const event of this.#sample(id)) {
        this.#read(() => {
          const found = queryEvent(this.#database, { deploymentId: id, eventId: event.eventId });
          if (found === undefined) this.hidden.push({ kind: "event", deploymentId: id, event });
          else this.#hold(id, event, found, "found by its id");
        });
      }
    }
  }

  /** Sends a few of the stored events again, and then a new one, each of which comes next or meets a fault. */
  resend(file: string): void {
    this.#read(() => {
      using database = openForAppends(file);
      const appender = new GroupAppender(database, new DamagedDeployments());
      for (const [id, { events }] of this.#model) {
        const again = this.#sample(id).map(({ eventId, content, stamp }) => newEvent({ id: eventId, content, stamp }));
        const calls = [...again, newEvent()].map((event) => callOf(id, event));
        this.#read(() => {
          for (const [place, outcome] of appender.append(calls).entries()) this.#judge(id, events, place, outcome);
        });
      }
    });
  }

  #judge(id: DeploymentId, events: readonly StoredEvent[], place: number, outcome: AppendOutcome): void {
    if (outcome.kind === "fault") this.#count(outcome.fault.reason, outcome.fault.cause);
    if (outcome.kind !== "written") return;
    const { firstSequence } = outcome;
    const event = this.#sample(id)[place];
    if (event !== undefined) this.hidden.push({ kind: "twice", deploymentId: id, event });
    if (firstSequence <= events.length) this.wrong.push(`${id}: sequence ${firstSequence} was given out again`);
  }

  #readHeads(): void {
    this.#read(() => {
      const seen = new Set<string>();
      let cursor: Parameters<typeof queryDeployments>[1]["cursor"];
      const filter = { environment: "", service: "", state: undefined };
      do {
        const page = queryDeployments(this.#database, { cursor, filter, deploymentsMax: 5 });
        for (const head of page.deployments) {
          if (!isSame(head, this.#model.get(head.deploymentId)?.head))
            this.wrong.push(`listed head ${JSON.stringify(head)}`);
          seen.add(head.deploymentId);
        }
        cursor = page.next;
      } while (cursor !== undefined);
      for (const id of this.#model.keys()) if (!seen.has(id)) this.hidden.push({ kind: "listed", deploymentId: id });
    });
  }

  #readArrivals(): void {
    this.#read(() => {
      const left = new Map<string, Hidden>();
      for (const [id, { events }] of this.#model) {
        for (const event of events) left.set(`${id}/${event.sequence}`, { kind: "arrival", deploymentId: id, event });
      }
      let cursor: Parameters<typeof queryArrivals>[1]["cursor"];
      do {
        const page = queryArrivals(this.#database, { cursor, eventsMax: pageSize, bytesMax: 1_000_000 });
        page.events.forEach((event, index) => {
          const id = page.deploymentIds[index] as DeploymentId;
          this.#hold(id, this.#model.get(id)?.events[event.sequence - 1], event, "of the arrivals");
          left.delete(`${id}/${event.sequence}`);
        });
        this.faults += page.damaged.length;
        for (const { deploymentId: id, sequence } of page.damaged) left.delete(`${id}/${sequence}`);
        cursor = page.next;
      } while (cursor !== undefined);
      this.hidden.push(...left.values());
    });
  }

  #readEvents(id: DeploymentId, order: "ascending" | "descending"): void {
    const { events = [] } = this.#model.get(id) ?? {};
    const left = new Set(events.map(({ sequence }) => sequence));
    const isWhole = this.#read(() => {
      let cursor: number | undefined;
      for (;;) {
        const page = queryEvents(this.#database, {
          ...{ deploymentId: id, order, cursor, filter: everyEvent },
          ...{ eventsMax: pageSize, bytesMax: 1_000_000 },
        });
        for (const event of page.events) {
          this.#hold(id, events[event.sequence - 1], event, order);
          left.delete(event.sequence);
        }
        this.faults += page.damaged.length;
        for (const { sequence } of page.damaged) left.delete(sequence ?? 0);
        if (!page.more) break;
        cursor = page.cursor;
      }
    });
    if (isWhole && left.size > 0) this.wrong.push(`${order} ${id} lacks ${[...left].slice(0, 3)}`);
  }

  #sample(id: DeploymentId): readonly StoredEvent[] {
    return (this.#model.get(id)?.events ?? []).filter((_, index) => index % 5 === 0);
  }

  #hold(id: DeploymentId, stored: StoredEvent | undefined, found: StoredEvent, how: string): void {
    if (isSame(plain(found), plain(stored))) return;
    this.wrong.push(`event ${stored?.sequence} of ${id}, ${how}: another one`);
  }

  /** Whether it came to its end without a fault. */
  #read(read: () => void): boolean {
    try {
      read();
      return true;
    } catch (error) {
      const { reason, cause } = faultOf(error);
      this.#count(reason, cause);
      return false;
    }
  }

  #count(reason: string, cause: string): void {
    this.faults += 1;
    if (reason !== "STORE_DAMAGED" && reason !== "STORE_IO_ERROR") this.wrong.push(`${reason}: ${cause}`);
  }
}

function plain(event: StoredEvent | undefined) {
  if (event === undefined) return undefined;
  return {
    ...event,
    content: Buffer.from(event.content).toString("hex"),
    stamp: Buffer.from(event.stamp).toString("hex"),
  };
}

// As texts: what crossed from another thread has other prototypes.
function isSame(found: unknown, stored: unknown): boolean {
  return JSON.stringify(found) === JSON.stringify(stored);
}

function callOf(deploymentId: DeploymentId, event: NewEvent): AppendCall {
  return { append: { deploymentId, events: [event], expected: { kind: "any" }, receiveTimeUs: 9 }, same: new Set() };
}
