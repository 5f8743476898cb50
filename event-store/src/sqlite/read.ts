import type { DeploymentId } from "../domain/identifiers.ts";
import type { Arrival, ArrivalPage, EventPage, ReadArrivals, ReadEvents } from "../event-store.ts";
import type { DamagedPlace } from "../store-error.ts";
import { faultError } from "./faults.ts";
import { unpackPage } from "./packed-page.ts";
import type { ReadReply, ReadRequest, Reads } from "./read-worker.ts";
import type { WorkerThread } from "./worker-thread.ts";

/** Is told of each damage that a read has met. */
type OnDamage = (place: DamagedPlace, message: string) => void;

/** The reads of the store, done by its reading thread. */
export class Reader {
  readonly #thread: WorkerThread<ReadRequest, ReadReply>;
  readonly #onDamage: OnDamage;

  constructor(thread: WorkerThread<ReadRequest, ReadReply>, onDamage: OnDamage) {
    this.#thread = thread;
    this.#onDamage = onDamage;
  }

  async read<Kind extends keyof Reads>(kind: Kind, asked: Reads[Kind]["asked"]): Promise<Reads[Kind]["found"]> {
    const reply = await this.#thread.ask({ kind, asked } as ReadRequest);
    if (reply.kind === "fault") {
      const { reason, place, message } = reply.fault;
      // An id that is not found beside a damaged one of an index says nothing of the deployment that was asked for.
      const isNoted = place !== undefined && (kind !== "event" || place.sequence !== undefined);
      if (reason === "STORE_DAMAGED" && isNoted) this.#onDamage(place, message);
      throw faultError(reply.fault);
    }
    if (reply.kind !== "found") throw new Error(`the store's thread answered a read with ${reply.kind}`);
    return reply.found;
  }

  async readEvents(asked: ReadEvents): Promise<EventPage> {
    const { damaged, ...page } = unpackPage(await this.read("events", asked));
    this.#note(damaged);
    return page;
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

  /** Lets the file go; the next read opens it anew. */
  async reopen(): Promise<void> {
    await this.#thread.ask({ kind: "reopen" });
  }

  /** Resolves when the files are in their places and answer. */
  async probe(): Promise<void> {
    await this.read("probe", {});
  }
}
