import { ActivityEventsError } from "../activity-events-error.ts";

/** Tells whether the service reports that it cannot read its stored events. */
export function isStoreDamaged(error: unknown): error is ActivityEventsError {
  return error instanceof ActivityEventsError && error.reason === "STORE_DAMAGED";
}
