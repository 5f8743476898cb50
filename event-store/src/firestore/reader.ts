import { type Firestore, type QueryDocumentSnapshot, Timestamp } from "@google-cloud/firestore";
import type { Deployment, Standing } from "../domain/deployment.ts";
import { type StoredEvent, wireBytesMax } from "../domain/event.ts";
import { matchesFilter } from "../domain/event-filter.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import type {
  DeploymentCursor,
  DeploymentPage,
  EventPage,
  ReadDeployments,
  ReadEvents,
  ReadOptions,
} from "../event-store.ts";
import { limits } from "../limits.ts";
import { damageAt, StoreFaultError } from "../store-error.ts";
import { deploymentOf, eventDocumentOf, headSequenceOf, mirroredSequenceOf, standingOf } from "./documents.ts";
import { bounded, faultError } from "./faults.ts";
import { deploymentsQuery, eventsQuery } from "./queries.ts";
import { microsecondsOf, timestampOf } from "./timestamps.ts";

// Documents per query: a page of small events in one query, without much memory for large ones.
const chunkMax = 300;

/** Reads a Firestore database; throws StoreFaultError. */
export class Reader {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /** Reads the head beside the event, for its standing. */
  async readEvent(
    deploymentId: DeploymentId,
    eventId: EventId,
    options: ReadOptions = {},
  ): Promise<StoredEvent | undefined> {
    const head = this.#firestore.collection("deployments").doc(deploymentId);
    const [headFound, found] = await wrapped(this.#firestore.getAll(head, head.collection("events").doc(eventId)));
    if (headFound === undefined || found === undefined || !isShown(standingOf(headFound), options)) return undefined;
    return eventDocumentOf(found)?.stored;
  }

  /** Tells whether the events of a deployment may be read, by its head as it is now. */
  async isReadable(deploymentId: DeploymentId, options: ReadOptions): Promise<boolean> {
    return isShown(
      standingOf(await wrapped(this.#firestore.collection("deployments").doc(deploymentId).get())),
      options,
    );
  }

  async readDeployment(deploymentId: DeploymentId): Promise<Deployment | undefined> {
    return deploymentOf(await wrapped(this.#firestore.collection("deployments").doc(deploymentId).get()));
  }

  /** Reads the head beside the events, for its standing. */
  async readEvents(request: ReadEvents): Promise<EventPage> {
    const { deploymentId, cursor } = request;
    const [isReadable, page] = await Promise.all([
      this.isReadable(deploymentId, request),
      this.#readPage(request).catch((error: Error) => error),
    ]);
    if (!isReadable) return { events: [], cursor, looked: 0, more: false };
    if (page instanceof Error) throw page;
    return page;
  }

  async #readPage(request: ReadEvents): Promise<EventPage> {
    const { deploymentId, order, filter, eventsMax, bytesMax } = request;
    const events: StoredEvent[] = [];
    let { cursor } = request;
    let bytes = 0;
    let looked = 0;
    while (looked < limits.pageScanMax) {
      // One more than the page, to know whether a full page is the last.
      const chunk = Math.min(chunkMax, limits.pageScanMax - looked, eventsMax - events.length + 1);
      const { docs } = await wrapped(eventsQuery(this.#firestore, { deploymentId, order, cursor }).limit(chunk).get());
      for (const snapshot of docs) {
        const event = storedEventOf(snapshot);
        // Return the page before the damage; refuse a page that starts with it.
        if (event instanceof Error && looked > 0) return { events, cursor, looked, more: true };
        if (event instanceof Error) throw event;
        if (matchesFilter(filter, event)) {
          bytes += wireBytesMax(deploymentId, event);
          if (events.length === eventsMax || (events.length > 0 && bytes > bytesMax))
            return { events, cursor, looked, more: true };
          events.push(event);
        }
        cursor = event.sequence;
        looked += 1;
      }
      if (docs.length < chunk) return { events, cursor, looked, more: false };
    }
    const rest = await wrapped(eventsQuery(this.#firestore, { deploymentId, order, cursor }).limit(1).get());
    return { events, cursor, looked, more: !rest.empty };
  }

  /** Counts the events above the mirror's position. */
  async unmirroredEvents(deploymentId: DeploymentId): Promise<number> {
    const references = ["deployments", "mirrors"].map((name) => this.#firestore.collection(name).doc(deploymentId));
    const [head, position] = await wrapped(this.#firestore.getAll(...references));
    if (head === undefined || position === undefined) throw new Error("no answer");
    return Math.max(0, headSequenceOf(head) - mirroredSequenceOf(position));
  }

  /** A page has fewer deployments where some are deleted or purged: no index tells them apart, and each append would pay for one. */
  async readDeployments(request: ReadDeployments): Promise<DeploymentPage> {
    const { cursor, filter, deploymentsMax } = request;
    let query = deploymentsQuery(this.#firestore, filter);
    if (cursor !== undefined) query = query.startAfter(timestampOf(cursor.createTimeUs), cursor.deploymentId);
    const { docs } = await wrapped(query.limit(deploymentsMax + 1).get());
    const deployments: Deployment[] = [];
    let last: Deployment | undefined;
    for (const snapshot of docs.slice(0, deploymentsMax)) {
      const head = listedHead(snapshot);
      // Return the page before the damage; refuse a page that starts with it.
      if (head instanceof Error && deployments.length === 0) throw head;
      if (head instanceof Error) return { deployments, next: cursorOf(last) };
      if (head.standing === "kept" || request.hidden === true) deployments.push(head);
      last = head;
    }
    return { deployments, next: docs.length <= deploymentsMax ? undefined : cursorOf(last) };
  }
}

/** Tells whether the events of a deployment that stands so may be read. */
function isShown(standing: Standing, { hidden = false }: ReadOptions): boolean {
  return standing === "kept" || (standing === "deleted" && hidden);
}

function cursorOf(last: Deployment | undefined): DeploymentCursor | undefined {
  return last && { createTimeUs: last.createTimeUs, deploymentId: last.deploymentId };
}

/** Parses a head, or returns its fault with the position after it; the query uses the document's own time. */
function listedHead(snapshot: QueryDocumentSnapshot): Deployment | StoreFaultError {
  try {
    return deploymentOf(snapshot) as Deployment;
  } catch (error) {
    if (!(error instanceof StoreFaultError) || error.place === undefined) throw error;
    const createTime: unknown = snapshot.get("create_time");
    if (!(createTime instanceof Timestamp)) return error;
    return damageAt({ ...error.place, createTimeUs: microsecondsOf(createTime) }, error.message, {
      cause: error.cause,
    });
  }
}

/** Parses an event, or returns its fault. */
function storedEventOf(snapshot: QueryDocumentSnapshot): StoredEvent | Error {
  try {
    return eventDocumentOf(snapshot).stored;
  } catch (error) {
    return error as Error;
  }
}

/** Waits for a call within the time limit; wraps its errors. */
export async function wrapped<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await bounded(call);
  } catch (error) {
    throw faultError(error);
  }
}
