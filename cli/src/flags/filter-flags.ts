import { type EventFilterSchema, Severity, SeveritySchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { parseEnumName } from "../text/enum-name.ts";
import { parseLabel, parseTime } from "./parse-flags.ts";

/** Flags that filter events, as given. */
export interface FilterFlags {
  readonly typePrefix?: string;
  readonly severityMin?: Severity;
  readonly receiveTimeFrom?: Timestamp;
  readonly receiveTimeBefore?: Timestamp;
  readonly label?: Record<string, string>;
}

/** Adds the flags that filter events to a command. */
export function addFilterFlags(command: Command): Command {
  return command
    .option("--type-prefix <text>", "only events whose type starts with this prefix")
    .option("--severity-min <severity>", "only events of at least this severity", parseEnumName(SeveritySchema))
    .option("--receive-time-from <time>", "only events received at or after this time, RFC 3339", parseTime)
    .option("--receive-time-before <time>", "only events received before this time, RFC 3339", parseTime)
    .option("--label <key=value>", "only events with this label; repeatable", parseLabel);
}

/** Builds the filter from the flags. Without any flag there is none, and a reader then demands every sequence. */
export function filterOf(flags: FilterFlags): MessageInitShape<typeof EventFilterSchema> | undefined {
  const { typePrefix, severityMin, receiveTimeFrom, receiveTimeBefore, label } = flags;
  const conditions = [typePrefix, severityMin, receiveTimeFrom, receiveTimeBefore, label];
  if (conditions.every((condition) => condition === undefined)) return undefined;
  return {
    typePrefix: typePrefix ?? "",
    severityMin: severityMin ?? Severity.UNSPECIFIED,
    receiveTimeFrom,
    receiveTimeBefore,
    labels: label ?? {},
  };
}
