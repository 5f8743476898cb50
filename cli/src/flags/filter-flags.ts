import { type EventFilterSchema, Severity, SeveritySchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { type Command, Option } from "commander";
import { enumOption } from "./enum-option.ts";
import { parseFilterTime, parseLabel } from "./parse-flags.ts";

/** Flags that filter events, as given. */
export interface FilterFlags {
  readonly typePrefix?: string;
  readonly severityMin?: Severity;
  readonly since?: Timestamp;
  readonly until?: Timestamp;
  readonly receiveTimeFrom?: Timestamp;
  readonly receiveTimeBefore?: Timestamp;
  readonly label?: Record<string, string>;
}

/** Adds the flags that filter events to a command. */
export function addFilterFlags(command: Command): Command {
  return command
    .option("-t, --type-prefix <text>", "only events whose type starts with this prefix")
    .addOption(enumOption("-s, --severity-min <severity>", "only events of at least this severity", SeveritySchema))
    .option(
      "--since <time>",
      "only events received since then: 2h for two hours ago, a day such as 2026-01-31, or RFC 3339",
      parseFilterTime,
    )
    .option("--until <time>", "only events received before then, in the same forms", parseFilterTime)
    .addOption(olderName("--receive-time-from <time>", "since"))
    .addOption(olderName("--receive-time-before <time>", "until"))
    .option("-l, --label <key=value>", "only events with this label; repeatable", parseLabel);
}

/** The contract's name for a flag that has a shorter one. */
function olderName(flags: string, newer: string): Option {
  return new Option(flags, `the same as --${newer}`).argParser(parseFilterTime).conflicts(newer).hideHelp();
}

/** Builds the filter from the flags. Without any flag there is none, and a reader then demands every sequence. */
export function filterOf(flags: FilterFlags): MessageInitShape<typeof EventFilterSchema> | undefined {
  const { typePrefix, severityMin, label } = flags;
  const receiveTimeFrom = flags.since ?? flags.receiveTimeFrom;
  const receiveTimeBefore = flags.until ?? flags.receiveTimeBefore;
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
