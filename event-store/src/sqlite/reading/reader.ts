import type { Deployment } from "../../domain/deployment.ts";
import type { StoredEvent } from "../../domain/event.ts";
import type { DeploymentId, EventId } from "../../domain/identifiers.ts";
import type {
  Arrival,
  ArrivalPage,
  DeploymentPage,
  EventPage,
  ReadArrivals,
  ReadDeployments,
  ReadEvents,
  ReadOptions,
} from "../../event-store.ts";
import type { DamagedPlace } from "../../store-error.ts";
import { faultError } from "../faults.ts";
import type { KnownDamage } from "../scrub/known-damage.ts";
import { unpackPage } from "../threads/packed-page.ts";
import type { WorkerThread } from "../threads/worker-thread.ts";
import type { ReadReply, ReadRequest, Reads } from "./read-worker.ts";

/** Receives each damage met by a read. */
type OnDamage = (place: DamagedPlace, message: string) => void;

/** Reads the store through its reading thread. */
export class Reader {
  readonly #thread: WorkerThread<ReadRequest, ReadReply>;
  readonly #known: KnownDamage;
  readonly #onDamage: OnDamage;

  constructor(thread: WorkerThread<ReadRequest, ReadReply>, known: KnownDamage, onDamage: OnDamage) {
    this.#thread = thread;
    this.#known = known;
    this.#onDamage = onDamage;
  }

  async read<Kind extends keyof Reads>(kind: Kind, asked: Reads[Kind]["asked"]): Promise<Reads[Kind]["found"]> {
    const reply = await this.#thread.ask({ kind, asked } as ReadRequest);
    if (reply.kind === "fault") {
      const { reason, place, message } = reply.fault;
      // If an id is not found next to a damaged entry of an index, the requested deployment may exist.
      const isNoted = place !== undefined && (kind !== "event" || place.sequence !== undefined);
      if (reason === "STORE_DAMAGED" && isNoted) this.#onDamage(place, message);
      throw faultError(reply.fault);
    }
    if (reply.kind !== "found") throw new Error(`the store's thread answered a read with ${reply.kind}`);
    return reply.found;
  }

  async readEvent(
    deploymentId: DeploymentId,
    eventId: EventId,
    options: ReadOptions = {},
  ): Promise<StoredEvent | undefined> {
    const event = await this.read("event", { deploymentId, eventId, hidden: options.hidden });
    if (event === undefined) await this.#checkAbsent(deploymentId);
    return event;
  }

  async readEvents(asked: ReadEvents): Promise<EventPage> {
    const { damaged, ...page } = unpackPage(await this.read("events", asked));
    this.#note(damaged);
    if (page.more) return page;
    // Every deployment has a first event.
    if (page.looked === 0 && (asked.cursor ?? 0) === 0) await this.#checkAbsent(asked.deploymentId);
    if (!this.#known.isAny) return page;
    if (page.looked > 0) return this.#untilAboveHead(page, asked);
    // There is nothing after the last event, but a deployment that is not found has no last event.
    const { deploymentId, order, cursor = 0 } = asked;
    const head = await this.read("deployment", { deploymentId });
    if (head === undefined) this.#known.checkNotHidden(deploymentId);
    // Whoever reads on behind the head has been told of what it does not count.
    else if (order === "ascending" && cursor <= head.headSequence) this.#known.checkNewest(head);
    return page;
  }

  /** The page, but a list does not end in front of events that are known to be there. */
  #untilAboveHead(page: EventPage, { deploymentId, order }: ReadEvents): EventPage {
    const isBelow = this.#known.faultAbove({ deploymentId, sequence: page.cursor ?? 0 }) !== undefined;
    return order === "ascending" && isBelow ? { ...page, more: true } : page;
  }

  async readDeployment(deploymentId: DeploymentId): Promise<Deployment | undefined> {
    const head = await this.read("deployment", { deploymentId });
    if (head === undefined) await this.#checkAbsent(deploymentId);
    else this.#known.checkNewest(head);
    return head;
  }

  /** Throws STORE_DAMAGED if what was not found may exist. */
  async #checkAbsent(deploymentId: DeploymentId): Promise<void> {
    this.#known.checkNotHidden(deploymentId);
    const fault = await this.read("lost", { deploymentId });
    if (fault === undefined) return;
    this.#known.noteRefusal();
    throw faultError(fault);
  }

  async readDeployments(asked: ReadDeployments): Promise<DeploymentPage> {
    return this.#known.untilDamaged(await this.read("deployments", asked), asked);
  }

  async readArrivals(asked: ReadArrivals): Promise<ArrivalPage> {
    const { events, deploymentIds, ...rest } = unpackPage(await this.read("arrivals", asked));
    this.#note(rest.damaged);
    const arrivals = events.map(
      (event, index): Arrival => ({ deploymentId: deploymentIds[index] as DeploymentId, event }),
    );
    return { arrivals, ...rest };
  }

  #note(damaged: readonly DamagedPlace[]): void {
    for (const place of damaged) this.#onDamage(place, `event ${place.sequence} of ${place.deploymentId} is damaged`);
  }

  /** Closes the file; the next read reopens it. */
  async reopen(): Promise<void> {
    await this.#thread.ask({ kind: "reopen" });
  }

  /** Resolves if the files are in place and answer. */
  async probe(): Promise<void> {
    await this.read("probe", {});
  }
}
