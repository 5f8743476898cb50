import { type CheckReport, sqliteFiles } from "@activity-events/event-store";
import { ConfigError } from "@activity-events/process/config-error";
import { sqliteOf } from "../config/config.ts";
import { contentCodec } from "../content-codec.ts";
import { type Command, contentOf, linesOf, progressLine } from "./command.ts";

export const help = `Usage: activity_server check [--deep]

Proves the store's file: runs SQLite's own check, finds every event by its place and by its id, and recomputes every
head from its events. Stop the service first. It changes nothing.

Arguments:
  --deep  also has SQLite compare its indexes with its tables, which takes longer

Exit codes: 0 the store is sound; 1 it is damaged, with a list of what is wrong, or it cannot be read or is in use;
2 wrong settings or arguments.

Example:
  DATA_DIR=/var/lib/activity-events activity_server check --deep
`;

/** `activity_server check [--deep]`: proves the store's file. */
export const run: Command = async (args, store) => {
  const isDeep = args.length === 1 && args[0] === "--deep";
  if (args.length > 0 && !isDeep)
    throw new ConfigError(["usage: activity_server check [--deep]; see activity_server check --help"]);
  const { file } = sqliteOf(store);
  const { checkOwnStore } = await sqliteFiles();
  const report = await checkOwnStore(file, {
    deep: isDeep,
    codec: contentCodec,
    onProgress: progressLine("checked"),
  });
  if (report.found === 0) {
    process.stdout.write(`sound: ${contentOf(report)}\n`);
    return;
  }
  const places = report.found === 1 ? "one place" : `${report.found} places`;
  throw new Error([`${file} is damaged in ${places}:`, ...linesOf(report), ...waysOut(report)].join("\n"));
};

function waysOut({ start }: CheckReport): readonly string[] {
  const restore = "  activity_server restore FILE    replace the store by a copy; the old files are kept beside it";
  if (start === "loss") {
    const accept = "  activity_server --accept-loss   start without the lost events, for good";
    return ["Nothing was changed. The service refuses to start, and then reports the loss. Remedies:", restore, accept];
  }
  const what =
    start === "unreadable"
      ? "The service does not start with this file."
      : "The service serves undamaged events and answers DATA_LOSS for the others.";
  return [`Nothing was changed. ${what} Remedy:`, restore];
}
