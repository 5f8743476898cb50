import { ActivityEventsClient, Outcome } from "@activity-events/client";
import type { ControlPlane, Service } from "./control-plane.ts";
import { serviceParts } from "./resource-name.ts";
import { addressOf } from "./service-address.ts";

const recordTimeMs = 5_000;
// In characters. The service bounds a message in bytes; most characters here are one byte.
const messageLengthMax = 4_096;

export interface RollOutJournalOptions {
  readonly plane: ControlPlane;
  readonly service: Service;
  /** Id of the roll-out. */
  readonly id: string;
  readonly tell: (line: string) => void;
}

interface Told {
  readonly eventId: string;
  readonly type: string;
  readonly message: string;
  readonly outcome?: Outcome;
}

/** Returns the id of the deployment that records a roll-out. */
export function deploymentIdOf(plane: ControlPlane, id: string): string {
  return `${serviceParts(plane.name).service}-${id}`;
}

/** Records a roll-out as the events of a deployment, in the service that is rolled out. */
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

  /** `look` names the watching process, because a step is watched again after a crash. */
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

  /** Records an event. A failure only prints a line and never stops the roll-out. */
  async #record({ message, ...told }: Told): Promise<void> {
    const event = { ...this.#facts, ...told, message: message.slice(0, messageLengthMax) };
    try {
      await this.#client.createEvent({ event }, { timeoutMs: recordTimeMs });
    } catch (error) {
      this.#tell(`(could not record ${event.type}: ${(error as Error).message})`);
    }
  }
}
