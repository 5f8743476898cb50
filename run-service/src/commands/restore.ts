import { sqliteFiles } from "@activity-events/event-store";
import { sqliteOf } from "../config/config.ts";
import { type Command, contentOf, onlyFileOf, progressLine } from "./command.ts";

export const help = `Usage: activity_server restore FILE

Checks a copy and puts it in the place of the store, whose files are kept beside it as events.db-kept-TIME. Stop the
service first. If it is killed, either the old store or the copy is in place.

Arguments:
  FILE  a copy that backup made; it stays where it is

Exit codes: 0 the copy is in place; 1 the store is as it was, and why; 2 wrong settings or arguments.

Example:
  DATA_DIR=/var/lib/activity-events activity_server restore /backups/monday.db
`;

/** `activity_server restore FILE`: puts a copy in the place of the store, and keeps what is there beside it. */
export const run: Command = async (args, store) => {
  const copy = onlyFileOf("restore", args);
  const { file } = sqliteOf(store);
  const { restoreStore } = await sqliteFiles();
  const { report, kept } = await restoreStore(file, copy, progressLine("checked"));
  process.stdout.write(`restored ${file} from ${copy}: ${contentOf(report)}\n`);
  if (kept !== undefined) process.stdout.write(`kept the previous store in files named ${kept}*\n`);
};
