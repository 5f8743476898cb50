import type { Log } from "./log.ts";

/** Longest wait for the last lines of the log, in ms. */
const patienceMs = 500;

/** Ends the process once the log is flushed, or cannot be. */
export function endProcess(log: Log, exitCode: number): void {
  setTimeout(() => process.exit(exitCode), patienceMs);
  log.flush().finally(() => process.exit(exitCode));
}

/**
 * Logs an uncaught error and flushes the log before the process ends. The process must end, because its state is unknown.
 */
export function endOnUncaughtError(log: Log): void {
  let ending = false;
  process.on("uncaughtException", (error, origin) => {
    // Ignore further errors, which may come from logging the first.
    if (ending) return;
    ending = true;
    log.logger.fatal({ code: "UNCAUGHT", origin, err: error }, "uncaught error; the process ends");
    endProcess(log, 1);
  });
}
