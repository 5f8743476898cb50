import type { StatusName } from "../activity-events-error.ts";

/** The statuses with which a stream ends that say nothing of the request: the same one may well succeed later. */
export const passingStatuses: ReadonlySet<StatusName> = new Set<StatusName>([
  "UNAVAILABLE",
  "RESOURCE_EXHAUSTED",
  "DEADLINE_EXCEEDED",
  "ABORTED",
  "CANCELLED",
  "INTERNAL",
  "UNKNOWN",
]);
