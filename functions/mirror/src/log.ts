import pino, { type DestinationStream, type Logger } from "pino";
import type { LogLevel } from "./config.ts";

// pino's levels in the words of Cloud Logging.
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
  // Line by line: functions-framework ends the process at once on SIGTERM, and there are few lines.
  const output = pino.destination({ fd: 1, sync: true, maxLength: waitingLengthMax });
  // Whether its lines can be written is nothing that a run depends on. What could not be written is tried again with the next.
  output.on("error", () => {});
  return output;
}

/** Characters of the lines that could not be written, which are kept to be tried again. */
const waitingLengthMax = 1_048_576;
