import { copyStore } from "@activity-events/event-store";
import { readConfig } from "./config.ts";

const usage = `Copies the sqlite store, which may be in use, into a new file.

Usage: npm run -s backup -- FILE

The store is the one that npm start would open: DATA_DIR and XDG_DATA_HOME say where it is.
`;

const [target, ...others] = process.argv.slice(2);
if (target === undefined || target.startsWith("-") || others.length > 0) {
  const isHelp = target === "--help" || target === "-h";
  (isHelp ? process.stdout : process.stderr).write(usage);
  process.exitCode = isHelp ? 0 : 2;
} else {
  copyTo(target);
}

async function copyTo(target: string): Promise<void> {
  try {
    const { store } = readConfig(process.env, false);
    if (store.store !== "sqlite") throw new Error(`STORE is ${store.store}, which has no file to copy`);
    await copyStore(store.file, target);
    process.stdout.write(`copied ${store.file} to ${target}\n`);
  } catch (error) {
    process.stderr.write(`backup: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
