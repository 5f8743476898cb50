import { ActivityEventsError } from "../activity-events-error.ts";

/** Whether the service says that it cannot read what it has stored. */
export function isStoreDamaged(error: unknown): error is ActivityEventsError {
  return error instanceof ActivityEventsError && error.reason === "STORE_DAMAGED";
}
