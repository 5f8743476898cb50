import {
  type ContentCodec,
  commitmentOf,
  type Deployment,
  type DeploymentFilter,
  type DeploymentId,
  damageAt,
  type EventPage,
  type EventStore,
  emptiedFields,
  everyEvent,
  foldEvent,
  type HistoryHash,
  isPurged,
  type ReadEvents,
  type RedactionKey,
  type StoredEvent,
  wireBytesMax,
  withCommitment,
} from "@activity-events/event-store";
import { limits } from "../limits.ts";
import { deploymentPages } from "./deployment-pages.ts";
import type { ExportRecord } from "./export-record.ts";
import { sequenceMissing } from "./missing-sequence.ts";
import { Refusal } from "./refusal.ts";

interface EventExporterOptions {
  readonly store: EventStore;
  readonly codec: ContentCodec;
}

/** The call of an export. */
export interface ExportCall {
  readonly filter: DeploymentFilter;
  /** Aborted when the caller has left. */
  readonly signal: AbortSignal;
  /** Aborted when the caller's credentials have ended, or permit something else. */
  readonly revoked: AbortSignal;
}

/** An estimate of a record's encoded bytes beside an event's content. */
const deploymentBytes = 300;
const eventMoreBytes = 150;

/** Reads what a store holds, page by page, in an order that depends on the store alone. */
export class EventExporter {
  readonly #store: EventStore;
  readonly #codec: ContentCodec;
  readonly #draining = new AbortController();

  constructor({ store, codec }: EventExporterOptions) {
    this.#store = store;
    this.#codec = codec;
  }

  /** Ends all exports, current and later. */
  drain(): void {
    this.#draining.abort();
  }

  /** Yields the records in batches for one frame each; reads the next one only on demand. Throws a Refusal, and faults of the store. */
  async *export(call: ExportCall): AsyncGenerator<readonly ExportRecord[], void, void> {
    const keys = await this.#keysInUse(call);
    const keyIds = new Set(keys.map(({ id }) => hexOf(id)));
    let batch: ExportRecord[] = [{ kind: "header", keys }];
    let bytes = 0;
    let deployments = 0;
    let events = 0;
    for await (const head of this.#heads(call)) {
      deployments += 1;
      for await (const records of this.#deployment(head)) {
        if (call.signal.aborted) return;
        this.#checkMayGoOn(call);
        for (const record of records) {
          if (record.kind !== "event") continue;
          events += 1;
          const { redaction } = record.stored;
          // The store's own key, which nothing used when the header was made.
          if (redaction !== undefined && !keyIds.has(hexOf(redaction.keyId))) throw editedMeanwhile(head.deploymentId);
        }
        batch.push(...records);
        bytes += records.reduce((sum, record) => sum + bytesOf(record, head.deploymentId), 0);
        if (bytes < limits.frameBytesTarget && batch.length < limits.frameEventsMax) continue;
        yield batch;
        batch = [];
        bytes = 0;
      }
    }
    batch.push({ kind: "end", deployments, events });
    yield batch;
  }

  /**
   * Returns the keys that redactions have used. The others would make two exports of the same events differ: each store has a key of its
   * own from its beginning. Only edited deployments are read, and only until every key was found.
   */
  async #keysInUse(call: ExportCall): Promise<readonly RedactionKey[]> {
    const keys = await this.#store.redactionKeys();
    const unseen = new Set(keys.map(({ id }) => hexOf(id)));
    for await (const head of this.#heads(call)) {
      if (head.edits === 0 || isPurged(head)) continue;
      for await (const page of this.#eventPages(head)) {
        if (call.signal.aborted) return [];
        for (const { redaction } of page) if (redaction !== undefined) unseen.delete(hexOf(redaction.keyId));
        if (unseen.size === 0) return keys;
      }
    }
    return keys.filter(({ id }) => !unseen.has(hexOf(id)));
  }

  /** Reads the events up to the head, as far as they are there. */
  async *#eventPages({ deploymentId, headSequence }: Deployment): AsyncGenerator<readonly StoredEvent[], void, void> {
    let cursor: number | undefined = 0;
    while (cursor !== undefined && cursor < headSequence) {
      const page: EventPage = await this.#store.readEvents(pageAfter(deploymentId, cursor));
      yield page.events;
      cursor = page.more ? page.cursor : undefined;
    }
  }

  async *#heads({ filter }: ExportCall): AsyncGenerator<Deployment, void, void> {
    const asked = { filter, deploymentsMax: limits.frameDeploymentsMax, hidden: true };
    for await (const page of deploymentPages(this.#store, asked)) yield* page;
  }

  /** Yields a deployment and its events. Begins again if it was edited meanwhile, as long as nothing of it has been yielded. */
  async *#deployment(listed: Deployment): AsyncGenerator<readonly ExportRecord[], void, void> {
    const { deploymentId } = listed;
    let head = listed;
    let hasBegun = false;
    for (;;) {
      try {
        for await (const records of this.#pages(head)) {
          hasBegun = true;
          yield records;
        }
        return;
      } catch (error) {
        if (!(error instanceof EditedMeanwhile)) throw error;
        if (hasBegun) throw editedMeanwhile(deploymentId);
        head = error.head;
      }
    }
  }

  /** Yields a deployment as its head was read: each page only if the deployment was not edited since. */
  async *#pages(head: Deployment): AsyncGenerator<readonly ExportRecord[], void, void> {
    const { deploymentId, headSequence, createTimeUs, updateTimeUs, edits } = head;
    const told = { deploymentId, headSequence, createTimeUs, updateTimeUs, edits };
    if (isPurged(head)) {
      const { historyHash } = head;
      yield [{ kind: "deployment", head: { ...told, standing: "purged", historyHash, emptied: [] } }];
      return;
    }
    const isFolded = edits > 0 || (head.historyHash?.sequence ?? headSequence) !== headSequence;
    const folded = isFolded ? await this.#fold(head) : head;
    const emptied = emptiedFields.filter((name) => head[name] === "" && folded[name] !== "");
    const { historyHash } = folded;
    let records: ExportRecord[] = [
      { kind: "deployment", head: { ...told, standing: head.standing, historyHash, emptied } },
    ];
    for await (const links of this.#links(head)) {
      for (const { stored, historyHash: after } of links) {
        records.push({ kind: "event", stored, historyHash: after?.hash });
      }
      const last = links.at(-1);
      if (last?.stored.sequence === headSequence && !isSame(last.historyHash, historyHash)) {
        throw damageAt({ deploymentId }, `the history hash of ${deploymentId} is not that of its events`);
      }
      yield records;
      records = [];
    }
  }

  /** Folds the events up to the head anew, with their history hash. */
  async #fold(head: Deployment): Promise<Deployment> {
    let folded: Deployment | undefined;
    for await (const links of this.#links(head)) {
      for (const { stored, historyHash } of links) {
        folded = foldEvent(folded, head.deploymentId, this.#codec.factsOf(stored), stored.receiveTimeUs, historyHash);
      }
    }
    return folded ?? head;
  }

  /** Reads the events up to the head, each with the history hash after it. Throws EditedMeanwhile, and damage. */
  async *#links(head: Deployment): AsyncGenerator<readonly Link[], void, void> {
    const { deploymentId, headSequence } = head;
    const from = head.historyHash?.from ?? Number.POSITIVE_INFINITY;
    let cursor = 0;
    let historyHash: HistoryHash | undefined;
    while (cursor < headSequence) {
      const page = await this.#store.readEvents(pageAfter(deploymentId, cursor));
      const now = await this.#store.readDeployment(deploymentId);
      if (now !== undefined && now.edits !== head.edits) throw new EditedMeanwhile(now);
      const links: Link[] = [];
      for (const stored of page.events) {
        const { sequence, receiveTimeUs } = stored;
        if (sequence > headSequence) break;
        if (sequence !== cursor + 1) throw sequenceMissing(deploymentId, cursor + 1);
        if (sequence >= from) {
          const event = { deploymentId, sequence, receiveTimeUs };
          historyHash = withCommitment(historyHash, event, this.#commitment(stored));
        }
        links.push({ stored, historyHash });
        cursor = sequence;
      }
      if (links.length === 0) throw sequenceMissing(deploymentId, cursor + 1);
      yield links;
    }
  }

  #commitment({ salt, eventId, content, stamp, redaction }: StoredEvent): Uint8Array {
    if (redaction !== undefined) return redaction.commitment;
    return commitmentOf({ salt, eventId, content, ...this.#codec.readStamp(stamp) });
  }

  #checkMayGoOn({ revoked }: ExportCall): void {
    if (this.#draining.signal.aborted) {
      throw new Refusal("DRAINING", "the service is stopping; start the export again", { retryDelayMs: 1_000 });
    }
    if (revoked.aborted) {
      throw new Refusal("CREDENTIALS_INVALID", "the credentials have ended, or permit something else", {
        metadata: { fault: "expired" },
      });
    }
  }
}

/** An event with the history hash after it. */
interface Link {
  readonly stored: StoredEvent;
  readonly historyHash: HistoryHash | undefined;
}

/** A deployment was edited since its head was read. */
class EditedMeanwhile extends Error {
  /** The head as it is now. */
  readonly head: Deployment;

  constructor(head: Deployment) {
    super("edited meanwhile");
    this.head = head;
  }
}

function editedMeanwhile(deploymentId: DeploymentId): Refusal {
  return new Refusal("EDITED_MEANWHILE", `deployment ${deploymentId} was edited while it was exported`, {
    metadata: { deployment_id: deploymentId },
  });
}

function pageAfter(deploymentId: DeploymentId, cursor: number): ReadEvents {
  return {
    deploymentId,
    order: "ascending",
    cursor,
    filter: everyEvent,
    eventsMax: limits.frameEventsMax,
    bytesMax: limits.frameBytesTarget,
    hidden: true,
  };
}

function hexOf(id: Uint8Array): string {
  return Buffer.from(id).toString("hex");
}

function isSame(one: HistoryHash | undefined, other: HistoryHash | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Buffer.compare(one.hash, other.hash) === 0;
}

function bytesOf(record: ExportRecord, deploymentId: DeploymentId): number {
  return record.kind === "event" ? wireBytesMax(deploymentId, record.stored) + eventMoreBytes : deploymentBytes;
}
