import { type EventPage, type EventStore, isPurged, type ReadEvents } from "@activity-events/event-store";
import { findMissing, type SequenceRange, sequenceMissing, stepOf } from "./missing-sequence.ts";
import { hiddenRefusal } from "./refusal-of.ts";

/**
 * Reads one page of a deployment's events without gaps up to the head. The page ends before a missing sequence; a page
 * that would start with one is refused as damage. Throws the Refusal of a deployment that is hidden or purged.
 */
export async function readWholePage(store: EventStore, request: ReadEvents): Promise<EventPage> {
  const { page, from, to } = await readPage(store, request);
  const { deploymentId, order } = request;
  const step = stepOf(order);
  if (page.looked >= (to - from) * step + 1) return page;
  const missing = await findMissing(store, { deploymentId, order, from, to, hidden: request.hidden });
  // The event is back meanwhile.
  if (missing === undefined) return store.readEvents(request);
  // Or all of it is gone meanwhile.
  await readHeadSequence(store, request);
  if (missing === from) throw sequenceMissing(deploymentId, missing);
  const events = page.events.filter(({ sequence }) => (missing - sequence) * step > 0);
  return { events, cursor: missing - step, looked: (missing - from) * step, more: true };
}

/** Reads a page, and returns the range of sequences that it must cover. */
async function readPage(
  store: EventStore,
  request: ReadEvents,
): Promise<Pick<SequenceRange, "from" | "to"> & { readonly page: EventPage }> {
  const { order, cursor } = request;
  if (order === "descending") {
    const from = cursor === undefined ? await readHeadSequence(store, request) : cursor - 1;
    const page = await store.readEvents(request);
    return { page, from, to: page.more ? (page.cursor ?? from) : 1 };
  }
  const from = (cursor ?? 0) + 1;
  const page = await store.readEvents(request);
  if (page.more) return { page, from, to: page.cursor ?? from };
  // The list would end here, so check that it has reached the head.
  const head = await readHeadSequence(store, request);
  if (head <= (page.cursor ?? 0)) return { page, from, to: page.cursor ?? 0 };
  const later = await store.readEvents(request);
  return { page: later, from, to: later.more ? (later.cursor ?? from) : Math.max(head, later.cursor ?? 0) };
}

/** Reads the head sequence of a deployment whose events may be read; 0 of one that does not exist. */
async function readHeadSequence(store: EventStore, { deploymentId, hidden = false }: ReadEvents): Promise<number> {
  const head = await store.readDeployment(deploymentId);
  if (head === undefined) return 0;
  if (isPurged(head) || (head.standing === "deleted" && !hidden)) throw hiddenRefusal(head);
  return head.headSequence;
}
