import { inspect } from "node:util";
import type { Deployment } from "./domain/deployment.ts";
import type { StoredEvent } from "./domain/event.ts";
import type { DeploymentId } from "./domain/identifiers.ts";
import type { Listener, Notice, WatchOptions } from "./event-store.ts";

type OnNotice = (notice: Notice) => void;

/** Listeners of a store that only this process writes. */
export class Listeners {
  readonly #byDeployment = new Map<DeploymentId, Set<OnNotice>>();
  readonly #watches = new Set<WatchOptions>();

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

  watch(watch: WatchOptions): Listener {
    this.#watches.add(watch);
    return { ready: Promise.resolve(), close: () => this.#watches.delete(watch) };
  }

  /** Tells of new events. */
  tell(deploymentId: DeploymentId, events: readonly StoredEvent[]): void {
    const headSequence = events.at(-1)?.sequence;
    if (headSequence !== undefined) this.#tellAll(deploymentId, { headSequence, events });
  }

  /** Tells that what was read before of a deployment may be no longer so, and of new events. */
  tellEdited({ deploymentId, headSequence }: Deployment, events: readonly StoredEvent[] = []): void {
    this.#tellAll(deploymentId, { headSequence, events, edited: true });
  }

  #tellAll(deploymentId: DeploymentId, notice: Notice): void {
    this.#tellWatches(({ onChanged }) => onChanged([deploymentId]));
    const listeners = this.#byDeployment.get(deploymentId);
    if (listeners === undefined) return;
    for (const onNotice of listeners) if (!tellOne(() => onNotice(notice))) listeners.delete(onNotice);
  }

  /** An append failed, and may be stored all the same. */
  tellMissed(): void {
    this.#tellWatches(({ onMissed }) => onMissed());
  }

  #tellWatches(tell: (watch: WatchOptions) => void): void {
    for (const watch of this.#watches) if (!tellOne(() => tell(watch))) this.#watches.delete(watch);
  }
}

/**
 * Tells one listener. Returns false if it threw, which is its own bug: it counts as broken, the process gets a warning,
 * and the others are not affected.
 */
export function tellOne(tell: () => void): boolean {
  try {
    tell();
    return true;
  } catch (error) {
    process.emitWarning(`a listener of the store threw ${inspect(error)}`);
    return false;
  }
}
