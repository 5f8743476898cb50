import type { Log } from "./log.ts";

/** Longest wait for the last lines of the log, in milliseconds. */
const patienceMs = 500;

/** Ends the process with this code once the lines of the log are out, or nobody takes them. */
export function endProcess(log: Log, exitCode: number): void {
  setTimeout(() => process.exit(exitCode), patienceMs);
  log.flush().finally(() => process.exit(exitCode));
}

/**
 * An error that nobody caught ends the process, as it would anyway: what it was doing is not known. But what it had to say
 * comes out first, and why it ends.
 */
export function endOnUncaughtError(log: Log): void {
  let ending = false;
  process.on("uncaughtException", (error, origin) => {
    // Another one on the way out changes nothing, and may be that the reason could not be said.
    if (ending) return;
    ending = true;
    log.logger.fatal({ code: "UNCAUGHT", origin, err: error }, "an error was not caught; the process ends");
    endProcess(log, 1);
  });
}
