import { ActivityEventsClient, Outcome } from "@activity-events/client";
import type { ControlPlane, Service } from "./control-plane.ts";
import { serviceParts } from "./resource-name.ts";
import { addressOf } from "./service-address.ts";

const recordTimeMs = 5_000;
// The service bounds a message by its bytes; most characters here are one.
const messageLengthMax = 4_096;

export interface RollOutJournalOptions {
  readonly plane: ControlPlane;
  readonly service: Service;
  /** The roll-out's. */
  readonly id: string;
  readonly tell: (line: string) => void;
}

interface Told {
  readonly eventId: string;
  readonly type: string;
  readonly message: string;
  readonly outcome?: Outcome;
}

/** The id of the deployment as which a roll-out is recorded. */
export function deploymentIdOf(plane: ControlPlane, id: string): string {
  return `${serviceParts(plane.name).service}-${id}`;
}

/** What a roll-out records of itself: events of a deployment, in the very service that is rolled out. */
export class RollOutJournal {
  readonly #client: ActivityEventsClient;
  readonly #facts: Readonly<Record<"deploymentId" | "service" | "source" | "actor", string>>;
  readonly #tell: (line: string) => void;

  constructor({ plane, service, id, tell }: RollOutJournalOptions) {
    this.#client = new ActivityEventsClient(addressOf(service.uri ?? ""));
    this.#facts = {
      deploymentId: deploymentIdOf(plane, id),
      service: serviceParts(plane.name).service,
      source: `//run.googleapis.com/${plane.name}`,
      actor: "rollout",
    };
    this.#tell = tell;
  }

  started(message: string): Promise<void> {
    return this.#record({ eventId: "started", type: "deployment.started", message });
  }

  /** `look` names the process that looked: after a crash a step is looked at again. */
  progress(percent: number, look: string, message: string): Promise<void> {
    return this.#record({ eventId: `at-${percent}-${look}`, type: "deployment.progress", message });
  }

  finished(): Promise<void> {
    const message = "all traffic is on the new revision";
    return this.#record({ eventId: "finished", type: "deployment.finished", outcome: Outcome.SUCCESS, message });
  }

  rolledBack(message: string): Promise<void> {
    return this.#record({ eventId: "rolledback", type: "deployment.rolledback", message });
  }

  close(): void {
    this.#client.close();
  }

  /** The log must never stand in the way of what it tells about: a failure is a line, no more. */
  async #record({ message, ...told }: Told): Promise<void> {
    const event = { ...this.#facts, ...told, message: message.slice(0, messageLengthMax) };
    try {
      await this.#client.createEvent({ event }, { timeoutMs: recordTimeMs });
    } catch (error) {
      this.#tell(`(${event.type} is not recorded: ${(error as Error).message})`);
    }
  }
}
