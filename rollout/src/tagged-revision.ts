import { ActivityEventsClient, type ServiceAddress } from "@activity-events/client";
import { BadSignError } from "./failures.ts";
import { callTimeMs } from "./service-address.ts";

/** The new revision at the address of its tag, which reaches only this revision. */
export class TaggedRevision {
  readonly #client: ActivityEventsClient;
  readonly #deploymentId: string;

  constructor(address: ServiceAddress, deploymentId: string) {
    this.#client = new ActivityEventsClient(address);
    this.#deploymentId = deploymentId;
  }

  /** Checks its health, records one event of the canary deployment and reads it back. Throws `BadSignError`. */
  async probe(eventId: string): Promise<void> {
    const options = { timeoutMs: callTimeMs };
    const deploymentId = this.#deploymentId;
    try {
      await this.#client.connect(options);
      const health = await this.#client.checkHealth("", options);
      if (health !== "SERVING") throw new BadSignError(`its health is ${health}`);
      const message = "written and read by the roll-out";
      const event = { deploymentId, eventId, type: "deployment.progress", message };
      await this.#client.createEvent({ event }, options);
      const read = await this.#client.getEvent({ deploymentId, eventId }, options);
      if (read.message !== message) throw new BadSignError("it returned another event than was appended");
    } catch (error) {
      if (error instanceof BadSignError) throw error;
      throw new BadSignError(`it does not answer (${(error as Error).message})`, { cause: error });
    }
  }

  close(): void {
    this.#client.close();
  }
}
