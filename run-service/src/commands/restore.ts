import { sqliteFiles } from "@activity-events/event-store";
import { sqliteOf } from "../config.ts";
import { type Command, contentOf, onlyFileOf, progressLine } from "./command.ts";

/** `activity_server restore FILE`: puts a copy in the place of the store, and keeps what is there beside it. */
export const run: Command = async (args, store) => {
  const copy = onlyFileOf("restore", args);
  const { file } = sqliteOf(store);
  const { restoreStore } = await sqliteFiles();
  const { report, kept } = await restoreStore(file, copy, progressLine("checked"));
  process.stdout.write(`restored ${file} from ${copy}: ${contentOf(report)}\n`);
  if (kept !== undefined)
    process.stdout.write(`what was there before is kept in the files whose names begin with ${kept}\n`);
};
