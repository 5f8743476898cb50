import type { StoredEvent } from "./domain/event.ts";
import type { DeploymentId } from "./domain/identifiers.ts";
import type { Listener } from "./event-store.ts";

type OnStored = (events: readonly StoredEvent[]) => void;

/** Whoever listens to the deployments of a store that this process alone writes. */
export class Listeners {
  readonly #byDeployment = new Map<DeploymentId, Set<OnStored>>();

  add(deploymentId: DeploymentId, onStored: OnStored): Listener {
    const listeners = this.#byDeployment.get(deploymentId) ?? new Set();
    this.#byDeployment.set(deploymentId, listeners.add(onStored));
    return {
      close: () => {
        listeners.delete(onStored);
        if (listeners.size === 0 && this.#byDeployment.get(deploymentId) === listeners) {
          this.#byDeployment.delete(deploymentId);
        }
      },
    };
  }

  tell(deploymentId: DeploymentId, events: readonly StoredEvent[]): void {
    for (const onStored of this.#byDeployment.get(deploymentId) ?? []) onStored(events);
  }
}
