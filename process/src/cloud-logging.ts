import type { LoggerOptions } from "pino";

// Cloud Logging's names of pino's levels.
const severityOf: Readonly<Record<string, string>> = {
  trace: "DEBUG",
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
  fatal: "CRITICAL",
};

/** Form of a line for Cloud Logging, but for its time. */
export const cloudLogging = {
  base: null,
  messageKey: "message",
  formatters: { level: (label) => ({ severity: severityOf[label] ?? "DEFAULT" }) },
} as const satisfies LoggerOptions;
