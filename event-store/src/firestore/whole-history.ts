import type { Firestore } from "@google-cloud/firestore";
import type { ContentCodec } from "../content-codec.ts";
import type { Deployment } from "../domain/deployment.ts";
import { limits } from "../limits.ts";
import { withStoredEvents } from "../stored-history.ts";
import { eventDocumentOf } from "./documents.ts";
import { bounded } from "./faults.ts";
import { eventsQuery } from "./queries.ts";

interface WholeHistoryOptions {
  readonly firestore: Firestore;
  readonly codec: ContentCodec;
}

/** Brings a head's history hash up to its last event, because an instance of an older version may have written since. */
export async function withWholeHistory(
  head: Deployment | undefined,
  { firestore, codec }: WholeHistoryOptions,
): Promise<Deployment | undefined> {
  if (head?.historyHash === undefined || head.historyHash.sequence >= head.headSequence) return head;
  const { deploymentId, headSequence } = head;
  let { historyHash } = head;
  while (historyHash.sequence < headSequence) {
    const between = eventsQuery(firestore, { deploymentId, order: "ascending", cursor: historyHash.sequence });
    const { docs } = await bounded(between.limit(limits.historyChunkEvents).get());
    const events = docs.map((document) => eventDocumentOf(document).stored);
    historyHash = withStoredEvents(historyHash, { deploymentId, events, codec, to: headSequence });
  }
  return { ...head, historyHash };
}
