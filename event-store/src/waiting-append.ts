import type { Append, Appended } from "./domain/append.ts";
import type { AppendOptions } from "./event-store.ts";
import { limits } from "./limits.ts";
import { StoreFaultError } from "./store-error.ts";

/** An append that waits for a commit. */
export interface WaitingAppend {
  readonly append: Append;
  readonly options: AppendOptions;
  /** Upper bound of its bytes in a commit. */
  readonly bytes: number;
  readonly resolve: (appended: readonly Appended[]) => void;
  readonly reject: (error: Error) => void;
}

/** Returns the fault if there is no room for another waiting append. Events of a series always have room. */
export function tooManyWaiting(waitingBytes: number, bytes: number, { series }: AppendOptions): Error | undefined {
  if (series !== undefined || waitingBytes + bytes <= limits.waitingBytesMax) return undefined;
  return new StoreFaultError("TOO_MANY_WAITING", `more than ${limits.waitingBytesMax} bytes wait to be stored`);
}

/** Returns why a waiting append is no longer committed, if so. */
export function faultBeforeCommit({ append, options }: WaitingAppend): Error | undefined {
  const { signal, deadlineMs, series } = options;
  if (signal?.aborted === true || Date.now() >= deadlineMs) {
    return deadlinePassed();
  }
  return series?.faultIn(append.deploymentId);
}

/** Makes the fault for what was not handed over in time. */
export function deadlinePassed(): StoreFaultError {
  return new StoreFaultError("DEADLINE_PASSED", "the deadline passed before the store acknowledged the change");
}

/** Rejects an append and the later ones of its series. */
export function failAppend({ append, options, reject }: WaitingAppend, fault: Error): void {
  options.series?.break(append.deploymentId, fault);
  reject(fault);
}
