import { type EventFilterSchema, Severity, SeveritySchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { parseEnumName } from "../text/enum-name.ts";
import { parseLabel, parseTime } from "./parse-flags.ts";

/** The flags that choose events, as they were given. */
export interface FilterFlags {
  readonly typePrefix?: string;
  readonly severityMin?: Severity;
  readonly receiveTimeFrom?: Timestamp;
  readonly receiveTimeBefore?: Timestamp;
  readonly label?: Record<string, string>;
}

/** Gives a command the flags that choose events. */
export function addFilterFlags(command: Command): Command {
  return command
    .option("--type-prefix <text>", "only events whose type begins with this")
    .option("--severity-min <severity>", "only events of this severity or a graver one", parseEnumName(SeveritySchema))
    .option("--receive-time-from <time>", "only events received at this time or later", parseTime)
    .option("--receive-time-before <time>", "only events received before this time", parseTime)
    .option("--label <key=value>", "only events with this label; may be repeated", parseLabel);
}

/** The filter that the flags ask for; none when no flag was given, so that every sequence must come. */
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
