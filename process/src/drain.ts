import { endProcess } from "./end-process.ts";
import type { Log } from "./log.ts";

/** Time within which further signals count as the first, in ms: a parent may forward a signal sent to the whole group. */
const sameSignalMs = 200;

/**
 * Drains on the first SIGTERM or SIGINT, or once the parent that opened a channel to this process has left without asking, and
 * ends the process with code 0, or 1 after a failure. A second signal ends it at once.
 */
export function drainOnRequest(drain: () => Promise<void>, log: Log): void {
  let beganMs: number | undefined;
  const begin = async (request: Readonly<Record<string, string>>) => {
    beganMs = performance.now();
    log.logger.info(request, "draining");
    try {
      await drain();
      log.logger.info("stopped");
      endProcess(log, 0);
    } catch (error) {
      log.logger.fatal({ code: "DRAIN_FAILED", err: error }, "could not drain; the process ends");
      endProcess(log, 1);
    }
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (beganMs === undefined) begin({ signal });
      else if (performance.now() - beganMs > sameSignalMs) process.exit(1);
    });
  }
  whenParentLeaves(() => {
    if (beganMs === undefined) begin({ reason: "the parent process is gone" });
  });
}

/** Calls back when the channel to the parent closes, which SIGKILL of the parent does too; never where there was no channel. */
function whenParentLeaves(callback: () => void): void {
  if (process.send === undefined) return;
  if (process.connected) process.once("disconnect", callback);
  // It left while this process started.
  else callback();
}
