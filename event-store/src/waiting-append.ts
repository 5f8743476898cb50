import type { Append, Appended } from "./domain/append.ts";
import type { AppendOptions } from "./event-store.ts";
import { limits } from "./limits.ts";
import { StoreFaultError } from "./store-error.ts";

/** An append that waits for the commit that takes it. */
export interface WaitingAppend {
  readonly append: Append;
  readonly options: AppendOptions;
  /** What it takes in a commit, at most. */
  readonly bytes: number;
  readonly resolve: (appended: readonly Appended[]) => void;
  readonly reject: (error: Error) => void;
}

/** The fault of an append for which there is no room beside those that wait, or undefined. The events of a series have theirs. */
export function tooManyWaiting(waitingBytes: number, bytes: number, { series }: AppendOptions): Error | undefined {
  if (series !== undefined || waitingBytes + bytes <= limits.waitingBytesMax) return undefined;
  return new StoreFaultError("TOO_MANY_WAITING", `more than ${limits.waitingBytesMax} bytes wait to be stored`);
}

/** Why an append that waits is not committed any more, or undefined. */
export function faultBeforeCommit({ append, options }: WaitingAppend): Error | undefined {
  const { signal, deadlineMs, series } = options;
  if (signal?.aborted === true || Date.now() >= deadlineMs) {
    return new StoreFaultError("DEADLINE_PASSED", "the deadline passed before the store acknowledged the append");
  }
  return series?.faultIn(append.deploymentId);
}

/** Rejects an append, and with it what follows it in its series. */
export function failAppend({ append, options, reject }: WaitingAppend, fault: Error): void {
  options.series?.break(append.deploymentId, fault);
  reject(fault);
}
