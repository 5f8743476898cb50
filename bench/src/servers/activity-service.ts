import { join } from "node:path";
import { freePort } from "@activity-events/emulators";
import type { Scratch } from "../scratch.ts";
import type { Server } from "./server.ts";
import { untilListening } from "./until-listening.ts";

const mainScript = join(import.meta.dirname, "..", "..", "..", "run-service", "src", "main.ts");

/** Starts the service on a new SQLite store, with its own defaults; its log goes nowhere. */
export async function startActivityService(scratch: Scratch, dataDir?: string): Promise<Server> {
  const port = await freePort();
  const started = scratch.start({
    command: process.execPath,
    args: [mainScript],
    environment: {
      PATH: process.env.PATH,
      PORT: `${port}`,
      STORE: "sqlite",
      DATA_DIR: dataDir ?? (await scratch.folder("activity-events")),
    },
  });
  await untilListening(started, { port });
  return { address: `127.0.0.1:${port}`, pid: started.pid, stop: () => started.stop() };
}
