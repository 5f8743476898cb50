import type { StatusName } from "../activity-events-error.ts";

/** Statuses of a stream that may succeed when retried. */
export const passingStatuses: ReadonlySet<StatusName> = new Set<StatusName>([
  "UNAVAILABLE",
  "RESOURCE_EXHAUSTED",
  "DEADLINE_EXCEEDED",
  "ABORTED",
  "CANCELLED",
  "INTERNAL",
  "UNKNOWN",
]);
