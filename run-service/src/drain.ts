import { endProcess } from "./end-process.ts";
import type { Log } from "./log.ts";

/** Time in which further signals are the first one, in ms: whoever stops a group of processes reaches this one through its parent, too. */
const sameSignalMs = 200;

/**
 * Drains on the first SIGTERM or SIGINT and ends the process: with code 0, or 1 when something of it failed. A second
 * signal ends it at once.
 */
export function drainOnSignal(drain: () => Promise<void>, log: Log): void {
  let beganMs: number | undefined;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, async () => {
      const now = performance.now();
      if (beganMs !== undefined) {
        if (now - beganMs > sameSignalMs) process.exit(1);
        return;
      }
      beganMs = now;
      log.logger.info({ signal }, "draining");
      try {
        await drain();
        log.logger.info("stopped");
        endProcess(log, 0);
      } catch (error) {
        log.logger.fatal({ code: "DRAIN_FAILED", err: error }, "could not stop in order; the process ends");
        endProcess(log, 1);
      }
    });
  }
}
