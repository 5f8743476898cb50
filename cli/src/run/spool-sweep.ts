import { setTimeout as sleep } from "node:timers/promises";
import type { ActivityEventsClient } from "@activity-events/client";
import { type SendSpooledOptions, type SentFile, sendSpooled } from "../spool/send-spooled.ts";

/** Options of a sweep. */
export interface SpoolSweepOptions extends Omit<SendSpooledOptions, "client" | "signal" | "isWanted"> {
  /** Deployment whose events precede those of this run. */
  readonly deploymentId: string;
  readonly connect: () => Promise<ActivityEventsClient>;
}

/** Sends what earlier runs have left, beside the command. Its failures are not told: the files stay, and the next program tries again. */
export class SpoolSweep {
  readonly #options: SpoolSweepOptions;
  readonly #stopping = new AbortController();
  readonly #sent: SentFile[] = [];
  #others: Promise<void> | undefined;

  constructor(options: SpoolSweepOptions) {
    this.#options = options;
  }

  /** Files that were sent. */
  get sent(): readonly SentFile[] {
    return this.#sent;
  }

  /** Sends the events of earlier runs of the same deployment, and begins with those of others. Throws the client's error. */
  async begin(client: ActivityEventsClient, signal: AbortSignal): Promise<void> {
    const { deploymentId } = this.#options;
    await this.#send(client, signal, (id) => id === deploymentId);
    this.#others ??= this.#sendOthers();
  }

  /** Waits for the rest, as long as may be. */
  async end(patienceMs: number, givenUp: AbortSignal): Promise<void> {
    const waiting = sleep(Math.max(0, patienceMs), undefined, { signal: givenUp }).catch(() => {});
    await Promise.race([this.#others, waiting]);
    this.#stopping.abort();
  }

  /** Sends what `add` within the command could not send. */
  async sendOwn(patienceMs: number, givenUp: AbortSignal): Promise<void> {
    const { folder, connect, deploymentId } = this.#options;
    const left = await folder.left().catch(() => []);
    if (!left.some(({ head }) => head?.kind === "head" && head.head.deploymentId === deploymentId)) return;
    const limit = AbortSignal.any([givenUp, AbortSignal.timeout(Math.max(1, Math.floor(patienceMs)))]);
    try {
      const client = await connect();
      try {
        await this.#send(client, limit, (id) => id === deploymentId);
      } finally {
        client.close();
      }
    } catch {
      // The next program tries again.
    }
  }

  async #sendOthers(): Promise<void> {
    const { connect, deploymentId } = this.#options;
    try {
      const client = await connect();
      try {
        await this.#send(client, this.#stopping.signal, (id) => id !== deploymentId);
      } finally {
        client.close();
      }
    } catch {
      // The same service has the events of this run, or will be told of.
    }
  }

  async #send(
    client: ActivityEventsClient,
    signal: AbortSignal,
    isOurs: (deploymentId: string) => boolean,
  ): Promise<void> {
    const isWanted: SendSpooledOptions["isWanted"] = ({ deploymentId }) => isOurs(deploymentId);
    for await (const file of sendSpooled({ ...this.#options, client, signal, isWanted })) this.#sent.push(file);
  }
}
