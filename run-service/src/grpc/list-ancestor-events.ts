import {
  type Arrival,
  type ArrivalCursor,
  type DeploymentCursor,
  type Deployment as DeploymentHead,
  type DeploymentId,
  type EventStore,
  everyEvent,
  limits,
} from "@activity-events/event-store";
import type { Deployment, EventRequest } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ancestorEvent, eventsLost, parseInt32 } from "./ancestor-event.ts";
import type { Call } from "./calls.ts";

const page = { eventsMax: limits.frameEventsMax, bytesMax: limits.frameBytesTarget };

/**
 * The ancestor's list, of what is stored when it begins: one deployment's events in sequence order, or, with the id 0, those
 * of all deployments in the order of their arrival (where the store keeps none: deployment by deployment). An event that
 * cannot be given back costs only itself: the others come, and then the list ends with a Refusal that names the first.
 */
export async function* listAncestorEvents(
  { id }: Deployment,
  call: Call,
  store: EventStore,
): AsyncGenerator<EventRequest> {
  call.about(`${id}`);
  const list = new AncestorList(store, call);
  for await (const { deploymentId, event } of list.arrivals(id)) {
    const number = parseInt32(deploymentId);
    if (number === undefined) continue;
    let decoded: EventRequest;
    try {
      decoded = ancestorEvent(event, number);
    } catch (cause) {
      list.lose(deploymentId, event.sequence, cause);
      continue;
    }
    yield decoded;
  }
  list.throwIfAnyLost();
}

/** One list: what it reads, page by page, and what the store cannot give back. */
class AncestorList {
  readonly #store: EventStore;
  readonly #call: Pick<Call, "bytes" | "signal">;
  #firstLost: { readonly deploymentId: DeploymentId; readonly sequence: number; readonly cause: unknown } | undefined;
  #lost = 0;

  constructor(store: EventStore, call: Pick<Call, "bytes" | "signal">) {
    this.#store = store;
    this.#call = call;
  }

  lose(deploymentId: DeploymentId, sequence: number, cause: unknown): void {
    this.#firstLost ??= { deploymentId, sequence, cause };
    this.#lost += 1;
  }

  throwIfAnyLost(): void {
    if (this.#firstLost === undefined) return;
    const { deploymentId, sequence, cause } = this.#firstLost;
    throw eventsLost(deploymentId, sequence, { count: this.#lost, cause });
  }

  async *arrivals(id: number): AsyncGenerator<Arrival> {
    if (id !== 0) {
      const head = await this.#store.readDeployment(`${id}` as DeploymentId);
      if (head !== undefined) yield* this.#ofDeployment(head);
    } else if (this.#store.traits.arrivalOrder) yield* this.#inOrder();
    else yield* this.#byDeployment();
  }

  /** Resolves when there is room for the next page. */
  #room(): Promise<void> {
    return this.#call.bytes.room(limits.frameWorkBytes, { signals: [] });
  }

  async *#inOrder(): AsyncGenerator<Arrival> {
    let cursor: ArrivalCursor | undefined;
    do {
      await this.#room();
      const { arrivals, next } = await this.#store.readArrivals({ cursor, ...page });
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
      for (const head of deployments) if (parseInt32(head.deploymentId) !== undefined) yield* this.#ofDeployment(head);
      cursor = next;
    } while (cursor !== undefined && !this.#call.signal.aborted);
  }

  /** The deployment's events up to this head; a sequence that is not there is lost. */
  async *#ofDeployment({ deploymentId, headSequence }: DeploymentHead): AsyncGenerator<Arrival> {
    let expected = 1;
    let cursor = 0;
    let more = true;
    while (cursor < headSequence && more) {
      if (this.#call.signal.aborted) return;
      await this.#room();
      const read = await this.#store.readEvents({
        deploymentId,
        order: "ascending",
        cursor,
        filter: everyEvent,
        ...page,
      });
      for (const event of read.events) {
        if (event.sequence > headSequence) break;
        for (; expected < event.sequence; expected += 1) this.lose(deploymentId, expected, undefined);
        yield { deploymentId, event };
        expected += 1;
      }
      cursor = read.cursor ?? headSequence;
      ({ more } = read);
    }
    for (; expected <= headSequence; expected += 1) this.lose(deploymentId, expected, undefined);
  }
}
