import { freePort } from "@activity-events/testing/free-port";
import type { Scratch, StartedProcess } from "../scratch.ts";
import { imageSettings } from "./image-settings.ts";
import { untilListening } from "./until-listening.ts";

/** The service on SQLite. */
export interface ActivityService {
  readonly address: string;
  readonly pid: number;
  stop(): Promise<void>;
}

interface ServiceOptions {
  /** By default a new folder. */
  readonly dataDir?: string;
  /** Settings other than the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts the service on SQLite; discards its log. */
export async function startActivityService(
  scratch: Scratch,
  { dataDir, settings = {} }: ServiceOptions = {},
): Promise<ActivityService> {
  const port = await freePort();
  const environment = { STORE: "sqlite", DATA_DIR: dataDir ?? (await scratch.folder("activity-events")), ...settings };
  const started = launchActivityService(scratch, { port, environment });
  await untilListening(started, { port });
  return { address: `127.0.0.1:${port}`, pid: started.pid, stop: () => started.stop() };
}

interface LaunchOptions {
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts the service as the image does, without waiting. */
export function launchActivityService(scratch: Scratch, { port, environment }: LaunchOptions): StartedProcess {
  return scratch.start({
    command: process.execPath,
    args: [scratch.service],
    environment: { PATH: process.env.PATH, ...imageSettings("MALLOC_"), PORT: `${port}`, ...environment },
  });
}
