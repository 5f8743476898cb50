import { everyEvent } from "../domain/event-filter.ts";
import type { EventPage, ReadEvents } from "../event-store.ts";
import { damageAt, type StoreFaultError } from "../store-error.ts";

type Request = Pick<ReadEvents, "deploymentId" | "order" | "cursor" | "filter">;

/** Returns the damage if a page skips an event whose document is gone; a filtered page does not show that. */
export function missingEvent(request: Request, { events }: EventPage): StoreFaultError | undefined {
  const { deploymentId, order, cursor, filter } = request;
  if (filter !== everyEvent) return undefined;
  const sequences = events.map(({ sequence }) => sequence);
  // A descending page may start anywhere.
  const ascending = order === "ascending" ? [cursor ?? 0, ...sequences] : sequences.reverse();
  const gap = ascending.findIndex((sequence, index) => index > 0 && sequence > (ascending[index - 1] ?? 0) + 1);
  if (gap === -1) return undefined;
  const missing = (ascending[gap - 1] ?? 0) + 1;
  return damageAt({ deploymentId, sequence: missing }, `event ${missing} of ${deploymentId} is missing`);
}
