import { isDeepStrictEqual } from "node:util";
import type { ContentCodec } from "../../content-codec.ts";
import type { Deployment } from "../../domain/deployment.ts";
import type { StoredEvent } from "../../domain/event.ts";
import { headAfter } from "../../domain/head-after.ts";
import type { DeploymentId } from "../../domain/identifiers.ts";
import { storedFacts } from "../../stored-facts.ts";

/** Recomputes a deployment's head from its events. */
export class HistoryProof {
  readonly #deploymentId: DeploymentId;
  readonly #codec: ContentCodec;
  #head: Deployment | undefined;

  constructor(deploymentId: DeploymentId, codec: ContentCodec) {
    this.#deploymentId = deploymentId;
    this.#codec = codec;
  }

  /** Adds the next event. */
  add(event: StoredEvent): void {
    const facts = storedFacts(event, this.#codec);
    this.#head = headAfter(this.#head, this.#deploymentId, { ...event, facts }, event.receiveTimeUs);
  }

  /** Describes the differences of the stored head; empty if it follows from the events and none of them was changed. */
  differences(stored: Deployment): readonly string[] {
    if (this.#head?.headSequence !== stored.headSequence) return [];
    const expected = this.#head;
    const fields = (Object.keys(expected) as (keyof Deployment)[]).filter(
      (field) => field !== "historyHash" && !isDeepStrictEqual(expected[field], stored[field]),
    );
    const isSameHistory = isDeepStrictEqual(expected.historyHash, stored.historyHash);
    return [
      ...(isSameHistory ? [] : ["its history hash is not that of its events: some of them were changed"]),
      ...(fields.length === 0
        ? []
        : [
            `its head is not what its events add up to: ${fields.join(", ")} ${fields.length === 1 ? "differs" : "differ"}`,
          ]),
    ];
  }
}
