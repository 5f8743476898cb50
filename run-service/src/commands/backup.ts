import { sqliteFiles } from "@activity-events/event-store";
import { sqliteOf } from "../config.ts";
import { type Command, contentOf, linesOf, onlyFileOf, progressLine } from "./command.ts";

/** `activity_server backup FILE`: copies the store, also while it is in use, to a new file. */
export const run: Command = async (args, store) => {
  const target = onlyFileOf("backup", args);
  const { file } = sqliteOf(store);
  const { checkStore, copyStore } = await sqliteFiles();
  let content = "";
  await copyStore(file, target, (unfinished) => {
    const report = checkStore(unfinished, { deep: false, onProgress: progressLine("checked") });
    if (report.found > 0) {
      const damage = `${file} is damaged, so the copy was not kept:`;
      throw new Error([damage, ...linesOf(report)].join("\n"));
    }
    content = contentOf(report);
  });
  process.stdout.write(`copied ${file} to ${target}: ${content}\n`);
};
