import { join } from "node:path";
import { freePort } from "@activity-events/testing/free-port";
import type { Scratch } from "../scratch.ts";
import { imageSettings } from "./image-settings.ts";
import { untilListening } from "./until-listening.ts";

const program = join(import.meta.dirname, "..", "..", "..", "metrics-service", "src", "main.ts");

/** The page's server. */
export interface MetricsService {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts the metrics service on a service, with default settings and the memory settings of the image; discards its log. */
export async function startMetricsService(scratch: Scratch, service: string): Promise<MetricsService> {
  const port = await freePort();
  const started = scratch.start({
    command: process.execPath,
    args: [program],
    environment: {
      PATH: process.env.PATH,
      ...imageSettings("MALLOC_"),
      ...imageSettings("NODE_OPTIONS"),
      PAGE_PORT: `${port}`,
      ACTIVITY_ADDRESS: service,
    },
  });
  await untilListening(started, { port });
  return { url: `http://127.0.0.1:${port}`, pid: started.pid, stop: () => started.stop() };
}
