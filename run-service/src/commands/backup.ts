import { sqliteFiles } from "@activity-events/event-store";
import { sqliteOf } from "../config/config.ts";
import { type Command, contentOf, linesOf, onlyFileOf, progressLine } from "./command.ts";

export const help = `Usage: activity_server backup FILE

Copies the store, which may be in use, into a new file, and checks the copy. Without a complete, sound copy FILE does not
appear.

Arguments:
  FILE  name of the copy, on any disk with room for it; a file that exists is refused

Exit codes: 0 FILE is a sound copy; 1 nothing was copied, and why; 2 wrong settings or arguments.

Example:
  DATA_DIR=/var/lib/activity-events activity_server backup /backups/monday.db
`;

/** `activity_server backup FILE`: copies the store, which may be in use, into a new file. */
export const run: Command = async (args, store) => {
  const target = onlyFileOf("backup", args);
  const { file } = sqliteOf(store);
  const { checkStore, copyStore } = await sqliteFiles();
  let content = "";
  await copyStore(file, target, (unfinished) => {
    const report = checkStore(unfinished, { deep: false, onProgress: progressLine("checked") });
    if (report.found > 0) {
      const damage = `${file} is damaged, so the copy was not kept:`;
      const ways = "Nothing was changed. Keep older copies; activity_server restore FILE puts one in place.";
      throw new Error([damage, ...linesOf(report), ways].join("\n"));
    }
    content = contentOf(report);
  });
  process.stdout.write(`copied ${file} to ${target}: ${content}\n`);
};
