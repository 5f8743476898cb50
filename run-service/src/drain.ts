import { endProcess } from "./end-process.ts";
import type { Log } from "./log.ts";

/** Time within which further signals count as the first, in ms: a parent may forward a signal sent to the whole group. */
const sameSignalMs = 200;

/**
 * Drains on the first SIGTERM or SIGINT and ends the process with code 0, or 1 after a failure. A second signal ends it at
 * once.
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
        log.logger.fatal({ code: "DRAIN_FAILED", err: error }, "could not drain; the process ends");
        endProcess(log, 1);
      }
    });
  }
}
