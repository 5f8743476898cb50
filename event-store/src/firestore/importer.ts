import { randomUUID } from "node:crypto";
import type { DocumentReference, Firestore, Timestamp } from "@google-cloud/firestore";
import type { ContentCodec } from "../content-codec.ts";
import type { Deployment } from "../domain/deployment.ts";
import {
  type ImportEvents,
  type Imported,
  type ImportedEvent,
  type ImportPlan,
  planImport,
} from "../domain/plan-import.ts";
import type { EditOptions } from "../event-store.ts";
import { limits } from "../limits.ts";
import type { DamagedDeployments } from "./damaged-deployments.ts";
import {
  deploymentOf,
  type EventDocument,
  eventDocumentOf,
  headDocument,
  importedEventDocument,
  requestBytesMax,
} from "./documents.ts";
import type { Edits } from "./edits.ts";
import { bounded } from "./faults.ts";
import { eventsQuery } from "./queries.ts";
import { withWholeHistory } from "./whole-history.ts";

interface ImporterOptions {
  readonly firestore: Firestore;
  readonly codec: ContentCodec;
  readonly damaged: DamagedDeployments;
  readonly edits: Edits;
}

/** Head as known, and the precondition of the next commit; undefined if it must not exist. */
interface KnownHead {
  readonly head: Deployment | undefined;
  readonly updateTime: Timestamp | undefined;
}

/** Imports events: plans the whole part, then commits it in as many commits as Firestore's limits take, in order. */
export class Importer {
  readonly #options: ImporterOptions;

  constructor(options: ImporterOptions) {
    this.#options = options;
  }

  import(part: ImportEvents, options: EditOptions): Promise<Imported> {
    const { damaged, edits } = this.#options;
    const { deploymentId } = part.head;
    /** Ids of all commits of this import: their events are its own, also where an answer was lost. */
    const commitIds = new Set<string>();
    return edits.attempt(deploymentId, options, async (): Promise<Imported> => {
      await damaged.check(deploymentId);
      let known = await this.#readHead(part);
      const stored = await this.#readStored(part, known.head);
      const plan = this.#plan(part, known.head, stored);
      if (plan.kind === "foreign") return plan;
      const own = [...stored.values()].filter(({ commitId }) => commitIds.has(commitId)).length;
      const events = part.events.filter(({ stored: { sequence } }) => sequence > (known.head?.headSequence ?? 0));
      for (const some of commitsOf(part, events)) known = await this.#commit(some, { known, stored, commitIds });
      return { kind: "imported", events: own + plan.writes.length };
    });
  }

  /** Commits events that continue the head, and the head after them. */
  async #commit(
    part: ImportEvents,
    {
      known,
      stored,
      commitIds,
    }: {
      readonly known: KnownHead;
      readonly stored: ReadonlyMap<number, EventDocument>;
      readonly commitIds: Set<string>;
    },
  ): Promise<KnownHead> {
    const plan = this.#plan(part, known.head, stored);
    if (plan.kind === "foreign") throw new Error(`a part of an import does not fit: ${plan.what}`);
    if (plan.head === undefined) return known;
    const commitId = randomUUID();
    commitIds.add(commitId);
    const head = this.#head(part);
    const batch = this.#options.firestore.batch();
    if (known.updateTime === undefined) batch.create(head, headDocument(plan.head, commitId));
    else batch.update(head, headDocument(plan.head, commitId), { lastUpdateTime: known.updateTime });
    for (const write of plan.writes) {
      batch.create(head.collection("events").doc(write.stored.eventId), importedEventDocument(write, commitId));
    }
    const [headResult] = await bounded(batch.commit());
    return { head: plan.head, updateTime: headResult?.writeTime };
  }

  #plan(part: ImportEvents, head: Deployment | undefined, stored: ReadonlyMap<number, EventDocument>): ImportPlan {
    return planImport(part, {
      head,
      at: (sequence) => stored.get(sequence)?.stored,
      factsOf: ({ stamp }) => this.#options.codec.readStamp(stamp),
    });
  }

  #head({ head: { deploymentId } }: ImportEvents): DocumentReference {
    return this.#options.firestore.collection("deployments").doc(deploymentId);
  }

  async #readHead(part: ImportEvents): Promise<KnownHead> {
    const snapshot = await bounded(this.#head(part).get());
    return { head: await withWholeHistory(deploymentOf(snapshot), this.#options), updateTime: snapshot.updateTime };
  }

  /** Reads the stored events at the sequences of the part, by sequence. */
  async #readStored(
    { head: { deploymentId }, events }: ImportEvents,
    head: Deployment | undefined,
  ): Promise<ReadonlyMap<number, EventDocument>> {
    const stored = new Map<number, EventDocument>();
    const last = Math.min(events.at(-1)?.stored.sequence ?? 0, head?.headSequence ?? 0);
    let cursor = (events[0]?.stored.sequence ?? 1) - 1;
    while (cursor < last) {
      const count = Math.min(limits.historyChunkEvents, last - cursor);
      const query = eventsQuery(this.#options.firestore, { deploymentId, order: "ascending", cursor });
      const { docs } = await bounded(query.limit(count).get());
      if (docs.length === 0) break;
      for (const document of docs.map((snapshot) => eventDocumentOf(snapshot))) {
        cursor = document.stored.sequence;
        stored.set(cursor, document);
      }
    }
    return stored;
  }
}

/** Splits a part so that each commit fits; one commit without events writes a head alone. */
function commitsOf({ head }: ImportEvents, events: readonly ImportedEvent[]): ImportEvents[] {
  const parts: ImportedEvent[][] = [[]];
  let bytes = 0;
  for (const event of events) {
    const size = requestBytesMax(head.deploymentId, event.stored, event.stored);
    const current = parts.at(-1) ?? [];
    const isFull =
      current.length >= limits.firestoreCommitEventsMax || bytes + size > limits.firestoreImportCommitBytesMax;
    if (isFull && current.length > 0) {
      parts.push([event]);
      bytes = size;
    } else {
      current.push(event);
      bytes += size;
    }
  }
  return parts.map((some) => ({ head, events: some }));
}
