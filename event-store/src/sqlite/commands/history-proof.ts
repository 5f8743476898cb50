import { isDeepStrictEqual } from "node:util";
import type { ContentCodec } from "../../content-codec.ts";
import { type Deployment, foldEvent } from "../../domain/deployment.ts";
import type { StoredEvent } from "../../domain/event.ts";
import { commitmentOf, withCommitment } from "../../domain/history-hash.ts";
import { emptiedFields } from "../../domain/plan-import.ts";
import { storedFacts } from "../../stored-facts.ts";

/** Recomputes a deployment's head from its events. Of a redacted event its commitment counts. */
export class HistoryProof {
  readonly #stored: Deployment;
  readonly #codec: ContentCodec;
  #head: Deployment | undefined;

  constructor(stored: Deployment, codec: ContentCodec) {
    this.#stored = stored;
    this.#codec = codec;
  }

  /** Adds the next event. */
  add(event: StoredEvent): void {
    const facts = storedFacts(event, this.#codec);
    const { deploymentId, historyHash } = this.#stored;
    const { sequence, receiveTimeUs, redaction } = event;
    const { sendTime, principal } = facts;
    // The chain of imported events may start later.
    const isInChain = sequence >= (historyHash?.from ?? Number.POSITIVE_INFINITY);
    const hash = isInChain
      ? withCommitment(
          this.#head?.historyHash,
          { deploymentId, sequence, receiveTimeUs },
          redaction?.commitment ?? commitmentOf({ ...event, sendTime, principal }),
        )
      : undefined;
    this.#head = foldEvent(this.#head, deploymentId, facts, receiveTimeUs, hash);
  }

  /** Describes the differences of the stored head; empty if it follows from the events and none of them was changed. */
  differences(): readonly string[] {
    const stored = this.#stored;
    if (this.#head?.headSequence !== stored.headSequence) return [];
    const expected = this.#head;
    const fields = (Object.keys(expected) as (keyof Deployment)[]).filter(
      (field) =>
        !besideEvents.includes(field) &&
        !isEmptied(stored, field) &&
        !isDeepStrictEqual(expected[field], stored[field]),
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

/** Fields that do not follow from the events' facts. */
const besideEvents: readonly (keyof Deployment)[] = ["historyHash", "edits", "standing"];

/** Tells whether redactions may have taken a field's value, though an event still has one. */
function isEmptied(stored: Deployment, field: keyof Deployment): boolean {
  if (stored.edits === 0) return false;
  if (field === "commitTimeUs") return stored.commit === "";
  return emptiedFields.some((name) => name === field && stored[name] === "");
}
