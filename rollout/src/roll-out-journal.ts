import { ActivityEventsClient, Outcome, type ServiceAddress } from "@activity-events/client";

const recordTimeMs = 5_000;

/** What is the same in all events of a roll-out. */
export interface RollOutFacts {
  readonly deploymentId: string;
  readonly service: string;
  readonly source: string;
  readonly actor: string;
}

interface Told {
  readonly eventId: string;
  readonly type: string;
  readonly message: string;
  readonly outcome?: Outcome;
}

/** How a roll-out is told: lines for whoever watches, and events of a deployment in the very service that is rolled out. */
export class RollOutJournal {
  readonly #client: ActivityEventsClient;
  readonly #facts: RollOutFacts;
  readonly #tell: (line: string) => void;

  constructor(address: ServiceAddress, facts: RollOutFacts, tell: (line: string) => void) {
    this.#client = new ActivityEventsClient(address);
    this.#facts = facts;
    this.#tell = tell;
  }

  started(message: string): Promise<void> {
    return this.#record({ eventId: "started", type: "deployment.started", message });
  }

  progress(percent: number, message: string): Promise<void> {
    return this.#record({ eventId: `at-${percent}`, type: "deployment.progress", message });
  }

  finished(message: string): Promise<void> {
    return this.#record({ eventId: "finished", type: "deployment.finished", outcome: Outcome.SUCCESS, message });
  }

  rolledBack(message: string): Promise<void> {
    return this.#record({ eventId: "rolledback", type: "deployment.rolledback", message });
  }

  close(): void {
    this.#client.close();
  }

  /** The log must never stand in the way of what it tells about: a failure is a line, no more. */
  async #record(event: Told): Promise<void> {
    try {
      await this.#client.createEvent({ event: { ...this.#facts, ...event } }, { timeoutMs: recordTimeMs });
    } catch (error) {
      this.#tell(`  ${event.eventId} is not recorded: ${(error as Error).message}`);
    }
  }
}
