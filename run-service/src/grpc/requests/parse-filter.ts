import { type EventFilter as DomainFilter, everyEvent } from "@activity-events/event-store";
import type { EventFilter } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { limits } from "../../limits.ts";
import { isTimestamp, nanosecondsOf } from "../codec/times.ts";
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

// Receive times are whole microseconds, so round a bound up.
function parseTime(time: Timestamp | undefined, field: string, violations: Violations): number | undefined {
  if (time === undefined) return undefined;
  if (!isTimestamp(time)) {
    violations.add(
      field,
      `must be from the year 1 to 9999 with nanos from 0 to 999999999; found ${time.seconds} s and ${time.nanos} ns`,
    );
  }
  return Number((nanosecondsOf(time) + 999n) / 1_000n);
}
