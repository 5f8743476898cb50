import { setTimeout as sleep } from "node:timers/promises";
import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { ActivityEventsError } from "../activity-events-error.ts";
import type { BackOff } from "./back-off.ts";
import { passingStatuses } from "./passing-statuses.ts";
import type { Frame } from "./stream-frames.ts";

/** A frame, or a change of the connection. */
export type Step<F> =
  /** `restart` leaves the stream and opens another, once the reader asks for the next step. */
  | { readonly kind: "frame"; readonly frame: F; readonly restart: () => void }
  | Disconnected
  | { readonly kind: "reconnected" };

/** The stream was lost, or attempt number `attempt` to open it failed; the next attempt follows after the delay. */
export interface Disconnected {
  readonly kind: "disconnected";
  readonly error: ActivityEventsError;
  readonly attempt: number;
  readonly retryDelayMs: number;
}

interface ReconnectOptions<F> {
  /** Opens a stream. */
  readonly open: () => AsyncIterable<F>;
  readonly backOff: BackOff;
  /** Ends it all. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads streams one after the other, each until it ends, until the signal aborts or the reader leaves. Throws an `ActivityEventsError`
 * that no other attempt can mend.
 */
export async function* acrossReconnects<F extends Frame>({
  open,
  backOff,
  signal,
}: ReconnectOptions<F>): AsyncGenerator<Step<F>, void, undefined> {
  let attempts = 0;
  while (!signal?.aborted) {
    let askedDelayMs: number | undefined;
    let lost: ActivityEventsError | undefined = unexplainedEnd();
    try {
      for await (const frame of open()) {
        backOff.reset();
        if (attempts > 0) yield { kind: "reconnected" };
        attempts = 0;
        let isRestarted = false;
        const restart = () => {
          isRestarted = true;
        };
        yield { kind: "frame", frame, restart };
        if (frame.case === "goaway") askedDelayMs = retryDelayMsOf(frame);
        if (frame.case === "goaway" || isRestarted) lost = undefined;
        if (isRestarted) break;
      }
    } catch (error) {
      if (signal?.aborted) return;
      // A goaway announced the end, so its status does not matter.
      if (lost !== undefined) lost = passingError(error);
    }
    const delayMs = backOff.nextMs(askedDelayMs ?? lost?.retryDelayMs);
    if (lost !== undefined) {
      attempts += 1;
      yield { kind: "disconnected", error: lost, attempt: attempts, retryDelayMs: delayMs };
    }
    // An abort ends the wait and then the loop.
    await sleep(delayMs, undefined, { signal }).catch(() => {});
  }
}

function retryDelayMsOf({ value }: Frame): number {
  const { retryDelay } = value as { readonly retryDelay?: Duration };
  return retryDelay === undefined ? 0 : durationMs(retryDelay);
}

function passingError(error: unknown): ActivityEventsError {
  if (error instanceof ActivityEventsError && passingStatuses.has(error.code)) return error;
  throw error;
}

function unexplainedEnd(): ActivityEventsError {
  return new ActivityEventsError({ code: "UNAVAILABLE", message: "The server ended the stream without a reason." });
}
