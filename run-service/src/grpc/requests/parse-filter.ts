import { type EventFilter as DomainFilter, everyEvent } from "@activity-events/event-store";
import type { EventFilter } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { limits } from "../../limits.ts";
import { parseTime } from "./parse-time.ts";
import type { Violations } from "./violations.ts";

/** Parses the filter of a request, with broken rules noted under their paths; without one, returns everyEvent itself. */
export function parseFilter(filter: EventFilter | undefined, violations: Violations): DomainFilter {
  if (filter === undefined) return everyEvent;
  violations.checkBytes("filter.type_prefix", filter.typePrefix, limits.stringBytesMax);
  violations.checkSeverity("filter.severity_min", filter.severityMin);
  violations.checkLabels("filter.labels", filter.labels);
  return {
    typePrefix: filter.typePrefix,
    severityMin: filter.severityMin,
    receiveTimeFromUs: parseTime(filter.receiveTimeFrom, "filter.receive_time_from", violations),
    receiveTimeBeforeUs: parseTime(filter.receiveTimeBefore, "filter.receive_time_before", violations),
    labels: filter.labels,
  };
}
