/** Bounds of what a program's own work may hold. */
export const limits = {
  /** Bytes of the log that wait to be written; beyond it lines are lost and counted. */
  logWaitingBytesMax: 4 * 1024 * 1024,
} as const;
