/** Levels of the log, the most verbose first. */
export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Returns the level that writes more lines. */
export function moreVerbose(one: LogLevel, other: LogLevel): LogLevel {
  return logLevels.indexOf(one) < logLevels.indexOf(other) ? one : other;
}
