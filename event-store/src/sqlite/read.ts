import type { DeploymentId } from "../domain/identifiers.ts";
import type { Arrival, ArrivalPage, EventPage, ReadArrivals, ReadEvents } from "../event-store.ts";
import { faultError } from "./faults.ts";
import { unpackPage } from "./packed-page.ts";
import type { ReadReply, ReadRequest, Reads } from "./read-worker.ts";
import type { WorkerThread } from "./worker-thread.ts";

/** The reads of the store, done by its reading thread. */
export class Reader {
  readonly #thread: WorkerThread<ReadRequest, ReadReply>;

  constructor(thread: WorkerThread<ReadRequest, ReadReply>) {
    this.#thread = thread;
  }

  async read<Kind extends keyof Reads>(kind: Kind, asked: Reads[Kind]["asked"]): Promise<Reads[Kind]["found"]> {
    const reply = await this.#thread.ask({ kind, asked } as ReadRequest);
    if (reply.kind === "fault") throw faultError(reply.fault);
    if (reply.kind !== "found") throw new Error(`the store's thread answered a read with ${reply.kind}`);
    return reply.found;
  }

  async readEvents(asked: ReadEvents): Promise<EventPage> {
    return unpackPage(await this.read("events", asked));
  }

  async readArrivals(asked: ReadArrivals): Promise<ArrivalPage> {
    const { events, deploymentIds, ...rest } = unpackPage(await this.read("arrivals", asked));
    const arrivals = events.map(
      (event, index): Arrival => ({ deploymentId: deploymentIds[index] as DeploymentId, event }),
    );
    return { arrivals, ...rest };
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
