export interface SchedulerOptions {
  readonly intervalSeconds: number;
  readonly sweep: () => Promise<void>;
  /** Receives one line about a failed request for a sweep; the next request follows as usual. */
  readonly onFault: (line: string) => void;
}

/** Stands in for Cloud Scheduler: requests a sweep at the end of each interval, until it is stopped. */
export function startScheduler({ intervalSeconds, sweep, onFault }: SchedulerOptions): { stop(): void } {
  const timer = setInterval(() => {
    sweep().catch((error: Error) => onFault(`a sweep could not be asked for: ${error.message}`));
  }, intervalSeconds * 1_000);
  return { stop: () => clearInterval(timer) };
}
