import { setTimeout as sleep } from "node:timers/promises";
import { type Client, status } from "@grpc/grpc-js";
import { Follower } from "./follower.ts";

interface LastingFollowerOptions {
  /** To the service processes, which are tried in turn. */
  readonly clients: readonly Client[];
  readonly deploymentId: string;
}

/** A reader that opens the stream anew from its cursor, at the next process, whenever it has lost it, until it is told to stop. */
export class LastingFollower {
  /** Event ids in the order in which they came: the first has sequence 1. */
  readonly seen: string[] = [];
  timesOpened = 0;
  readonly deploymentId: string;
  /** Resolves when it was stopped; rejects when the stream breaks a promise or ends with what is no broken connection. */
  readonly done: Promise<void>;
  readonly #options: LastingFollowerOptions;
  #stream: Follower | undefined;
  #isStopped = false;

  constructor(options: LastingFollowerOptions) {
    this.#options = options;
    this.deploymentId = options.deploymentId;
    this.done = this.#follow();
    // Whoever waits sees it; until somebody does it is no unhandled rejection.
    this.done.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stream?.cancel();
    await this.done;
  }

  async #follow(): Promise<void> {
    const { clients, deploymentId } = this.#options;
    for (let turn = 0; !this.#isStopped; turn += 1) {
      const onEvent = ({ eventId }: { eventId: string }) => this.seen.push(eventId);
      const client = clients[turn % clients.length] as Client;
      this.#stream = new Follower(client, { deploymentId, afterSequence: this.seen.length, onEvent });
      const error = await this.#stream.ended;
      if (this.#stream.markers.length > 0) this.timesOpened += 1;
      if (this.#stream.broken !== undefined) throw new Error(`${deploymentId}: ${this.#stream.broken}`);
      if (this.#isStopped) return;
      // A connection that breaks is UNAVAILABLE. Whatever else ends the stream, such as a cursor above the head, is a loss.
      if (error !== undefined && error.code !== status.UNAVAILABLE) throw error;
      await sleep(20);
    }
  }
}
