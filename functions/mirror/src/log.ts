import pino, { type DestinationStream, type Logger } from "pino";
import type { LogLevel } from "./config.ts";

// Cloud Logging's names of pino's levels.
const severityOf: Readonly<Record<string, string>> = {
  trace: "DEBUG",
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
  fatal: "CRITICAL",
};

/** Opens the log: JSON lines in the form of Cloud Logging, on standard output unless another destination is given. */
export function openLog(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    messageKey: "message",
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ severity: severityOf[label] ?? "DEFAULT" }) },
  };
  return pino(options, destination ?? standardOutput());
}

function standardOutput(): DestinationStream {
  // Synchronous, because functions-framework exits at once on SIGTERM. There are few lines.
  const output = pino.destination({ fd: 1, sync: true, maxLength: waitingLengthMax });
  // A run must not depend on its log. Lines that could not be written are retried with the next one.
  output.on("error", () => {});
  return output;
}

/** Most buffered characters of lines that could not be written. */
const waitingLengthMax = 1_048_576;
