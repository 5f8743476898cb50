import {
  type Arrival,
  type ArrivalCursor,
  type DamagedPlace,
  type DeploymentCursor,
  type Deployment as DeploymentHead,
  type DeploymentId,
  type EventPage,
  type EventStore,
  everyEvent,
  StoreFaultError,
} from "@activity-events/event-store";
import type { Deployment, EventRequest } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { sequenceOfOlderHead } from "../../application/older-head.ts";
import { limits } from "../../limits.ts";
import type { Call } from "../calls/method.ts";
import { ancestorEvent, eventsLost, parseInt32 } from "../codec/ancestor-event.ts";

const page = { eventsMax: limits.frameEventsMax, bytesMax: limits.frameBytesTarget };

/**
 * Lists the events stored at the start, in the ancestor's form: one deployment in sequence order or, with id 0, all
 * deployments in order of arrival (by deployment if the store does not keep that order). Skips unreadable events, and
 * after the others throws a Refusal that names the first.
 */
export async function* listAncestorEvents(
  { id }: Deployment,
  call: Call,
  store: EventStore,
): AsyncGenerator<EventRequest> {
  call.about(`${id}`);
  // Of all deployments, those that the caller may not read are not there for it.
  if (id !== 0) call.access.demand("read", `${id}`);
  const list = new AncestorList(store, call);
  for await (const { deploymentId, event } of list.arrivals(id)) {
    const number = parseInt32(deploymentId);
    if (number === undefined || !call.access.mayRead(deploymentId)) continue;
    let decoded: EventRequest;
    try {
      decoded = ancestorEvent(event, number);
    } catch (cause) {
      list.lose({ deploymentId, sequence: event.sequence }, { cause });
      continue;
    }
    yield decoded;
  }
  list.throwIfAnyLost();
}

type ListedHead = Pick<DeploymentHead, "deploymentId" | "headSequence">;

/** One list: what it reads, page by page, and what the store cannot give back. */
class AncestorList {
  readonly #store: EventStore;
  readonly #call: Pick<Call, "bytes" | "signal" | "access">;
  #firstLost: { readonly place: DamagedPlace; readonly cause: unknown } | undefined;
  #lost = 0;

  constructor(store: EventStore, call: Pick<Call, "bytes" | "signal" | "access">) {
    this.#store = store;
    this.#call = call;
  }

  lose(place: DamagedPlace, { cause = undefined as unknown, count = 1 } = {}): void {
    if (!this.#call.access.mayRead(place.deploymentId)) return;
    this.#firstLost ??= { place, cause };
    this.#lost += count;
  }

  throwIfAnyLost(): void {
    if (this.#firstLost === undefined) return;
    const { place, cause } = this.#firstLost;
    throw eventsLost(place, { count: this.#lost, cause });
  }

  async *arrivals(id: number): AsyncGenerator<Arrival> {
    if (id !== 0) {
      const head = await this.#readHead(`${id}` as DeploymentId);
      if (head !== undefined) yield* this.#ofDeployment(head);
    } else if (this.#store.traits.arrivalOrder) yield* this.#inOrder();
    else yield* this.#byDeployment();
  }

  /** The head of a deployment that may be read; of one that is older than its events as much as it counts, and the next is lost. */
  async #readHead(deploymentId: DeploymentId): Promise<ListedHead | undefined> {
    try {
      const head = await this.#store.readDeployment(deploymentId);
      return head?.standing === "kept" ? head : undefined;
    } catch (error) {
      const headSequence = sequenceOfOlderHead(error);
      if (headSequence === undefined) throw error;
      this.lose({ deploymentId, sequence: headSequence + 1 }, { cause: error });
      return { deploymentId, headSequence };
    }
  }

  /** Resolves when there is room for the next page. */
  #room(): Promise<void> {
    return this.#call.bytes.room(limits.frameWorkBytes, { signals: [] });
  }

  async *#inOrder(): AsyncGenerator<Arrival> {
    let cursor: ArrivalCursor | undefined;
    do {
      await this.#room();
      const { arrivals, damaged, next } = await this.#store.readArrivals({ cursor, ...page });
      for (const place of damaged) if (parseInt32(place.deploymentId) !== undefined) this.lose(place);
      yield* arrivals;
      cursor = next;
    } while (cursor !== undefined && !this.#call.signal.aborted);
  }

  async *#byDeployment(): AsyncGenerator<Arrival> {
    const filter = { environment: "", service: "", state: undefined };
    let cursor: DeploymentCursor | undefined;
    do {
      await this.#room();
      const { deployments, next } = await this.#store.readDeployments({
        cursor,
        filter,
        deploymentsMax: limits.pageSizeMax,
      });
      for (const head of deployments) if (this.#isListed(head)) yield* this.#ofDeployment(head);
      cursor = next;
    } while (cursor !== undefined && !this.#call.signal.aborted);
  }

  #isListed({ deploymentId }: ListedHead): boolean {
    return parseInt32(deploymentId) !== undefined && this.#call.access.mayRead(deploymentId);
  }

  /** The deployment's events up to this head; a sequence that is not there, or damaged, is lost. */
  async *#ofDeployment({ deploymentId, headSequence }: ListedHead): AsyncGenerator<Arrival> {
    let expected = 1;
    const loseTo = (next: number) => {
      if (next > expected) this.lose({ deploymentId, sequence: expected }, { count: next - expected });
    };
    let cursor = 0;
    let more = true;
    while (cursor < headSequence && more) {
      if (this.#call.signal.aborted) return;
      await this.#room();
      const read = await this.#readBehind(deploymentId, cursor);
      for (const event of read.events) {
        if (event.sequence > headSequence) break;
        loseTo(event.sequence);
        expected = event.sequence + 1;
        yield { deploymentId, event };
      }
      cursor = read.cursor ?? headSequence;
      ({ more } = read);
    }
    // What was deleted or purged meanwhile is not lost.
    if (expected > headSequence || (await this.#readHead(deploymentId)) !== undefined) loseTo(headSequence + 1);
  }

  /** Reads the next page; if it would start with damage, returns an empty page that ends after it. */
  async #readBehind(
    deploymentId: DeploymentId,
    cursor: number,
  ): Promise<Pick<EventPage, "events" | "cursor" | "more">> {
    try {
      return await this.#store.readEvents({ deploymentId, order: "ascending", cursor, filter: everyEvent, ...page });
    } catch (error) {
      const sequence = error instanceof StoreFaultError ? error.place?.sequence : undefined;
      if (sequence === undefined || sequence <= cursor) throw error;
      return { events: [], cursor: sequence, more: true };
    }
  }
}
