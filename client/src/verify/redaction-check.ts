import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { limits } from "../limits.ts";
import { isEmptied } from "./received-event.ts";

/** Type of the events that say which event was redacted. */
export const redactedType = "activityevents.redacted";

/** Finds emptied events that no later `activityevents.redacted` of their deployment names by id and sequence. */
export class RedactionCheck {
  /** Ids of the emptied events that nothing names yet, by their sequence. */
  readonly #unnamed = new Map<bigint, string>();
  #lastNotice = 0n;

  /** Takes the next event in sequence order. Returns false if it is emptied and cannot be held in memory as well. */
  take(event: Event): boolean {
    if (event.type === redactedType) this.#takeNotice(event);
    if (!isEmptied(event)) return true;
    if (this.#unnamed.size >= limits.verifyIdsMax) return false;
    this.#unnamed.set(event.sequence, event.eventId);
    return true;
  }

  /** Sequences of the emptied events that nothing names so far. */
  get unnamed(): readonly bigint[] {
    return [...this.#unnamed.keys()];
  }

  /** Sequence of the last `activityevents.redacted`; 0 if there was none. */
  get lastNotice(): bigint {
    return this.#lastNotice;
  }

  #takeNotice({ sequence: place, data }: Event): void {
    this.#lastNotice = place;
    const { eventId, sequence } = data ?? {};
    const named = /^[1-9]\d{0,18}$/.test(String(sequence)) ? BigInt(String(sequence)) : undefined;
    if (named !== undefined && this.#unnamed.get(named) === eventId) this.#unnamed.delete(named);
  }
}
