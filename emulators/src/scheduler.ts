export interface SchedulerOptions {
  readonly intervalSeconds: number;
  readonly sweep: () => Promise<void>;
  /** Is told, in one line, of a sweep that could not be asked for; the next one is asked for all the same. */
  readonly onFault: (line: string) => void;
}

/** Plays Cloud Scheduler: asks for a sweep at each end of an interval, until it is stopped. */
export function startScheduler({ intervalSeconds, sweep, onFault }: SchedulerOptions): { stop(): void } {
  const timer = setInterval(() => {
    sweep().catch((error: Error) => onFault(`a sweep could not be asked for: ${error.message}`));
  }, intervalSeconds * 1_000);
  return { stop: () => clearInterval(timer) };
}
