import { inspect } from "node:util";
import type { StoredEvent } from "./domain/event.ts";
import type { DeploymentId } from "./domain/identifiers.ts";
import type { Listener, Notice } from "./event-store.ts";

type OnNotice = (notice: Notice) => void;

/** Listeners of a store that only this process writes. */
export class Listeners {
  readonly #byDeployment = new Map<DeploymentId, Set<OnNotice>>();

  add(deploymentId: DeploymentId, onNotice: OnNotice): Listener {
    const listeners = this.#byDeployment.get(deploymentId) ?? new Set();
    this.#byDeployment.set(deploymentId, listeners.add(onNotice));
    return {
      ready: Promise.resolve(),
      close: () => {
        listeners.delete(onNotice);
        if (listeners.size === 0 && this.#byDeployment.get(deploymentId) === listeners) {
          this.#byDeployment.delete(deploymentId);
        }
      },
    };
  }

  tell(deploymentId: DeploymentId, events: readonly StoredEvent[]): void {
    const headSequence = events.at(-1)?.sequence;
    if (headSequence === undefined) return;
    const listeners = this.#byDeployment.get(deploymentId);
    if (listeners === undefined) return;
    for (const onNotice of listeners) if (!tellOne(onNotice, { headSequence, events })) listeners.delete(onNotice);
  }
}

/**
 * Calls one listener. Returns false if it threw, which is its own bug: it counts as broken, the process gets a warning,
 * and the others are not affected.
 */
export function tellOne(onNotice: OnNotice, notice: Notice): boolean {
  try {
    onNotice(notice);
    return true;
  } catch (error) {
    process.emitWarning(`a listener of the store threw ${inspect(error)}`);
    return false;
  }
}
