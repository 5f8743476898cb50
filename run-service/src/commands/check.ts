import { sqliteFiles } from "@activity-events/event-store";
import { ConfigError, sqliteOf } from "../config.ts";
import { contentCodec } from "../content-codec.ts";
import { type Command, contentOf, linesOf, progressLine } from "./command.ts";

/** `activity_server check [--deep]`: proves the store's file. */
export const run: Command = async (args, store) => {
  const isDeep = args.length === 1 && args[0] === "--deep";
  if (args.length > 0 && !isDeep) throw new ConfigError(["usage: activity_server check [--deep]; see --help"]);
  const { file } = sqliteOf(store);
  const [{ checkOwnStore }] = await Promise.all([sqliteFiles(), contentCodec.load()]);
  const report = checkOwnStore(file, {
    deep: isDeep,
    codec: contentCodec,
    onProgress: progressLine("checked"),
  });
  if (report.found === 0) {
    process.stdout.write(`sound: ${contentOf(report)}\n`);
    return;
  }
  const lines = [
    `${file} is damaged in ${report.found} places:`,
    ...linesOf(report),
    "Nothing was changed. The service still serves what is whole, and answers DATA_LOSS for the rest; to go back to a",
    "copy, stop it and type: activity_server restore FILE",
  ];
  throw new Error(lines.join("\n"));
};
