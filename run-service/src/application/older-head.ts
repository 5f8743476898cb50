import { StoreFaultError } from "@activity-events/event-store";

/**
 * The sequence of a head that is older than its events, as the fault of its read tells it: what it counts can be given back,
 * and then the fault. Undefined: the error is another one.
 */
export function sequenceOfOlderHead(error: unknown): number | undefined {
  const sequence = error instanceof StoreFaultError ? error.place?.sequence : undefined;
  return sequence === undefined ? undefined : sequence - 1;
}
