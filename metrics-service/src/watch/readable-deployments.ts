import type { Change, DeploymentCollection, Place } from "./deployment-collection.ts";
import type { DeploymentFilter } from "./deployment-filter.ts";
import type { HeldDeployment } from "./held-deployment.ts";
import type { HeldDeployments } from "./held-deployments.ts";
import { Listeners } from "./listeners.ts";

/** Those of the held deployments that some viewers may read. The others are not there, nor do they leave. */
export class ReadableDeployments implements DeploymentCollection, Disposable {
  readonly #held: HeldDeployments;
  readonly #mayRead: (deploymentId: string) => boolean;
  readonly #listeners = new Listeners<readonly Change[]>();
  readonly #leave: () => void;

  constructor(held: HeldDeployments, mayRead: (deploymentId: string) => boolean) {
    this.#held = held;
    this.#mayRead = mayRead;
    this.#leave = held.listen((changes) => {
      const readable = changes.filter(({ deploymentId }) => mayRead(deploymentId));
      if (readable.length > 0) this.#listeners.tell(readable);
    });
  }

  get(deploymentId: string): HeldDeployment | undefined {
    return this.#mayRead(deploymentId) ? this.#held.get(deploymentId) : undefined;
  }

  *values(): Iterable<HeldDeployment> {
    for (const held of this.#held.values()) if (this.#mayRead(held.deploymentId)) yield held;
  }

  list(filter: DeploymentFilter, after: Place | undefined, most: number): readonly HeldDeployment[] {
    return this.#held.list(filter, after, most, this.#mayRead);
  }

  listen(onChanges: (changes: readonly Change[]) => void): () => void {
    return this.#listeners.add(onChanges);
  }

  [Symbol.dispose](): void {
    this.#leave();
  }
}
