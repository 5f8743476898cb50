import { join } from "node:path";
import { freePort } from "@activity-events/emulators";
import type { Scratch, StartedProcess } from "../scratch.ts";
import type { Server } from "./server.ts";
import { untilListening } from "./until-listening.ts";

const mainScript = join(import.meta.dirname, "..", "..", "..", "run-service", "src", "main.ts");

/** Starts the service on SQLite, in a new folder unless one is given, with its own defaults; its log goes nowhere. */
export async function startActivityService(scratch: Scratch, dataDir?: string): Promise<Server> {
  const port = await freePort();
  const environment = { STORE: "sqlite", DATA_DIR: dataDir ?? (await scratch.folder("activity-events")) };
  const started = launchActivityService(scratch, { port, environment });
  await untilListening(started, { port });
  return { address: `127.0.0.1:${port}`, pid: started.pid, stop: () => started.stop() };
}

interface LaunchOptions {
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts the service and waits for nothing. */
export function launchActivityService(scratch: Scratch, { port, environment }: LaunchOptions): StartedProcess {
  return scratch.start({
    command: process.execPath,
    args: [mainScript],
    environment: { PATH: process.env.PATH, PORT: `${port}`, ...environment },
  });
}
