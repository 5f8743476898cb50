import { sqliteFiles } from "@activity-events/event-store";
import { sqliteOf } from "../config.ts";
import { type Command, contentOf, onlyFileOf, progressLine } from "./command.ts";

/** `activity_server restore FILE`: replaces the store by a copy and keeps the old files beside it. */
export const run: Command = async (args, store) => {
  const copy = onlyFileOf("restore", args);
  const { file } = sqliteOf(store);
  const { restoreStore } = await sqliteFiles();
  const { report, kept } = await restoreStore(file, copy, progressLine("checked"));
  process.stdout.write(`restored ${file} from ${copy}: ${contentOf(report)}\n`);
  if (kept !== undefined) process.stdout.write(`kept the previous store in files named ${kept}*\n`);
};
