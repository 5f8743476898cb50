import { CachedHeads } from "../cached-heads.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { DeploymentId } from "../domain/identifiers.ts";
import type { EventPage, ReadEvents } from "../event-store.ts";
import { aboveHead } from "../store-error.ts";

/** The last event of each deployment that a page has shown: a head that is read later counts it. */
export class SeenEvents {
  readonly #last = new CachedHeads<number>();

  note({ deploymentId, order }: ReadEvents, { events, cursor, looked, more }: EventPage): void {
    if (looked === 0) return;
    const sequence = (order === "ascending" ? cursor : events[0]?.sequence) ?? 0;
    // The end of a list is the last event, also where later ones were taken away by hand.
    const isEnd = order === "ascending" && !more;
    if (isEnd || sequence > (this.#last.get(deploymentId) ?? 0)) this.#last.set(deploymentId, sequence);
  }

  /** The head that a read brings. Throws STORE_DAMAGED for one that is older than what was seen before the read began. */
  async checkedHead(
    deploymentId: DeploymentId,
    read: () => Promise<Deployment | undefined>,
  ): Promise<Deployment | undefined> {
    const last = this.#last.get(deploymentId) ?? 0;
    const head = await read();
    if (head === undefined || head.headSequence >= last) return head;
    throw aboveHead({ deploymentId, sequence: head.headSequence + 1 });
  }
}
