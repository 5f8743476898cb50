import { randomUUID } from "node:crypto";
import type { DocumentData, DocumentReference, Firestore, Timestamp } from "@google-cloud/firestore";
import type { ContentCodec } from "../content-codec.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { DeploymentId } from "../domain/identifiers.ts";
import { hiddenHead, planPurge, purgeTombstone } from "../domain/plan-edit.ts";
import { planRedaction, type RedactEvent, type Redacted } from "../domain/plan-redaction.ts";
import type { BeginPurge, EditOptions, Purged } from "../event-store.ts";
import { limits } from "../limits.ts";
import type { DamagedDeployments } from "./damaged-deployments.ts";
import {
  contentFields,
  deploymentOf,
  eventDocument,
  eventDocumentOf,
  headDocument,
  standingFields,
} from "./documents.ts";
import type { Edits } from "./edits.ts";
import { bounded } from "./faults.ts";
import { purgeQuery } from "./queries.ts";
import type { RedactionKeys } from "./redaction-keys.ts";
import { withWholeHistory } from "./whole-history.ts";

interface EditorOptions {
  readonly firestore: Firestore;
  readonly codec: ContentCodec;
  readonly damaged: DamagedDeployments;
  readonly keys: RedactionKeys;
  readonly edits: Edits;
}

interface FoundHead {
  readonly head: Deployment;
  readonly updateTime: Timestamp | undefined;
}

/**
 * Redacts, hides and purges. Each change is one commit on the condition that the head is still the one that was read: so no append,
 * other change or sweep falls between, and the cached heads of all other instances are out of date.
 */
export class Editor {
  readonly #options: EditorOptions;

  constructor(options: EditorOptions) {
    this.#options = options;
  }

  redact(request: RedactEvent, options: EditOptions): Promise<Redacted> {
    const { firestore, codec, damaged, keys, edits } = this.#options;
    const { deploymentId, read, notice } = request;
    const head = this.#head(deploymentId);
    const [event, told] = [read.eventId, notice.eventId].map((id) => head.collection("events").doc(id)) as [
      DocumentReference,
      DocumentReference,
    ];
    /** By id, the commits that have carried the redaction: one of them may be stored although its answer was lost. */
    const carried = new Map<string, Extract<Redacted, { kind: "redacted" }>>();
    return edits.attempt(deploymentId, options, async () => {
      await damaged.check(deploymentId);
      const key = await keys.own();
      const [headFound, found, noticeFound] = await bounded(firestore.getAll(head, event, told));
      if (headFound === undefined || found === undefined || noticeFound === undefined) throw new Error("no answer");
      const own = carried.get(eventDocumentOf(noticeFound)?.commitId ?? "");
      if (own !== undefined) return own;
      const before = await withWholeHistory(deploymentOf(headFound), { firestore, codec });
      const stored = eventDocumentOf(found)?.stored;
      const plan = planRedaction(request, { head: before, stored, key });
      if (plan.kind === "changed") return plan;
      const commitId = randomUUID();
      const redacted = { kind: "redacted", event: plan.event, notice: plan.notice.stored } as const;
      carried.set(commitId, redacted);
      const batch = firestore.batch();
      batch.update(head, headDocument(plan.head, commitId), unchanged(headFound));
      batch.update(event, contentFields(plan.event), unchanged(found));
      batch.create(told, eventDocument(plan.notice, commitId));
      await bounded(batch.commit());
      return redacted;
    });
  }

  /** Where another admin undoes a change whose answer was lost, the change is done once more: as if it had come later. */
  hide(deploymentId: DeploymentId, isHidden: boolean, options: EditOptions): Promise<Deployment | undefined> {
    return this.#options.edits.attempt(deploymentId, options, async () => {
      const found = await this.#findHead(deploymentId);
      if (found === undefined) return undefined;
      const head = hiddenHead(found.head, isHidden);
      if (head !== found.head) await this.#write(standingFields(head, randomUUID()), found);
      return head;
    });
  }

  /** Begins the purge also of a deployment with known damage, unless it is in what the history hash still lacks. */
  beginPurge({ deploymentId, ...purge }: BeginPurge, options: EditOptions): Promise<Deployment | undefined> {
    const { firestore, edits } = this.#options;
    return edits.attempt(deploymentId, options, async () => {
      const found = await this.#findHead(deploymentId);
      const before = await withWholeHistory(found?.head, this.#options);
      if (before === undefined) return undefined;
      const plan = planPurge(before, purge);
      if (plan === undefined) return before;
      const commitId = randomUUID();
      const head = this.#head(deploymentId);
      const batch = firestore.batch();
      batch.update(head, headDocument(plan.head, commitId), unchanged(found));
      batch.create(head.collection("events").doc(purge.notice.eventId), eventDocument(plan.notice, commitId));
      await bounded(batch.commit());
      return plan.head;
    });
  }

  /** Removes events by their names, so also those that cannot be read. Counts what it knows to have removed. */
  purgeSome(deploymentId: DeploymentId, options: EditOptions): Promise<Purged> {
    const { firestore, edits } = this.#options;
    let events = 0;
    return edits.attempt(deploymentId, options, async () => {
      const found = await this.#findHead(deploymentId);
      if (found?.head.standing !== "purging") return { events, more: false };
      const { docs } = await bounded(purgeQuery(firestore, deploymentId).limit(limits.firestorePurgeStepEvents).get());
      if (docs.length > 0) {
        const batch = firestore.batch();
        for (const { ref } of docs) batch.delete(ref);
        await bounded(batch.commit());
        events += docs.length;
      }
      if (docs.length === limits.firestorePurgeStepEvents) return { events, more: true };
      await this.#write(headDocument(purgeTombstone(found.head), randomUUID()), found);
      return { events, more: false };
    });
  }

  #head(deploymentId: DeploymentId): DocumentReference {
    return this.#options.firestore.collection("deployments").doc(deploymentId);
  }

  async #findHead(deploymentId: DeploymentId): Promise<FoundHead | undefined> {
    const snapshot = await bounded(this.#head(deploymentId).get());
    const head = deploymentOf(snapshot);
    return head && { head, updateTime: snapshot.updateTime };
  }

  async #write(fields: DocumentData, found: FoundHead): Promise<void> {
    await bounded(this.#head(found.head.deploymentId).update(fields, unchanged(found)));
  }
}

/** The precondition that a document is still the one that was read. */
function unchanged(found: { readonly updateTime?: Timestamp | undefined } | undefined): { lastUpdateTime: Timestamp } {
  if (found?.updateTime === undefined) throw new Error("a document without an update time");
  return { lastUpdateTime: found.updateTime };
}
