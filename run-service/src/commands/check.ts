import { sqliteFiles } from "@activity-events/event-store";
import { ConfigError, sqliteOf } from "../config.ts";
import { contentCodec } from "../content-codec.ts";
import { type Command, contentOf, linesOf, progressLine } from "./command.ts";

/** `activity_server check [--deep]`: checks the store's file. */
export const run: Command = async (args, store) => {
  const isDeep = args.length === 1 && args[0] === "--deep";
  if (args.length > 0 && !isDeep) throw new ConfigError(["usage: activity_server check [--deep]; see --help"]);
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
  const lines = [
    `${file} is damaged in ${report.found === 1 ? "one place" : `${report.found} places`}:`,
    ...linesOf(report),
    ...(report.startRefused === true
      ? ["Nothing was changed. The service refuses to start, and then reports the loss. Remedies:"]
      : ["Nothing was changed. The service serves undamaged events and answers DATA_LOSS for the others. Remedy:"]),
    "  activity_server restore FILE    replace the store by a copy; the old files are kept beside it",
    ...(report.startRefused === true
      ? ["  activity_server --accept-loss   start without the lost events, for good"]
      : []),
  ];
  throw new Error(lines.join("\n"));
};
