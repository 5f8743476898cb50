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
  // Line by line: functions-framework ends the process at once on SIGTERM, and there are few lines.
  return pino(options, destination ?? pino.destination({ fd: 1, sync: true }));
}
