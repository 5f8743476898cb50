import { setTimeout as sleep } from "node:timers/promises";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { ActivityEventsError } from "../activity-events-error.ts";
import type { BackOff } from "../calls/back-off.ts";
import { passingStatuses } from "../calls/passing-statuses.ts";
import { advanceCursor, type Place } from "./advance-cursor.ts";
import { CursorAheadError } from "./cursor-ahead-error.ts";
import type { EventFrame } from "./event-frames.ts";
import type { FollowItem } from "./follow-item.ts";

/** Options of a follower. */
export interface FollowOptions {
  /** Opens one stream after a cursor. */
  readonly openStream: (afterSequence: bigint) => AsyncIterable<EventFrame>;
  readonly afterSequence: bigint;
  /** True with a filter, where missing sequences are normal. */
  readonly filtered: boolean;
  readonly backOff: BackOff;
  /** Ends the follower. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Follows a deployment across reconnects: yields each event after `afterSequence` once and in order, until the signal
 * aborts or the reader leaves. Throws a `CursorAheadError` if the server has fewer events than were shown, and an
 * `ActivityEventsError` if it refuses the request.
 */
export async function* followEvents(options: FollowOptions): AsyncGenerator<FollowItem, void, undefined> {
  const { openStream, filtered, backOff, signal } = options;
  let place: Place = { cursor: options.afterSequence, filtered, gapMetAfter: undefined };
  let attempts = 0;
  while (!signal?.aborted) {
    let ending: Ending = { kind: "lost", error: unexplainedEnd() };
    try {
      for await (const frame of openStream(place.cursor)) {
        backOff.reset();
        if (attempts > 0) yield { kind: "reconnected", cursor: place.cursor };
        attempts = 0;
        const { items, cursor, stoppedByGap } = advanceCursor(place, frame);
        place = { ...place, cursor };
        yield* items;
        if (frame.case === "goaway") ending = { kind: "goaway", retryDelayMs: retryDelayMsOf(frame) };
        if (!stoppedByGap) continue;
        place = { ...place, gapMetAfter: cursor };
        ending = { kind: "gap" };
        break;
      }
    } catch (error) {
      if (signal?.aborted) return;
      // A goaway announced the end, so its status does not matter.
      if (ending.kind !== "goaway") ending = { kind: "lost", error: passingError(error, place.cursor) };
    }
    const delayMs = backOff.nextMs(askedDelayMs(ending));
    if (ending.kind === "lost") {
      attempts += 1;
      yield { kind: "disconnected", error: ending.error, attempt: attempts, retryDelayMs: delayMs };
    }
    // An abort ends the wait and then the loop.
    await sleep(delayMs, undefined, { signal }).catch(() => {});
  }
}

type Ending =
  | { readonly kind: "goaway"; readonly retryDelayMs: number }
  | { readonly kind: "gap" }
  | { readonly kind: "lost"; readonly error: ActivityEventsError };

function askedDelayMs(ending: Ending): number {
  if (ending.kind === "gap") return 0;
  return (ending.kind === "goaway" ? ending.retryDelayMs : ending.error.retryDelayMs) ?? 0;
}

function retryDelayMsOf({ value }: Extract<EventFrame, { case: "goaway" }>): number {
  return value.retryDelay === undefined ? 0 : durationMs(value.retryDelay);
}

function passingError(error: unknown, cursor: bigint): ActivityEventsError {
  if (!(error instanceof ActivityEventsError)) throw error;
  if (error.reason === "CURSOR_AHEAD") throw new CursorAheadError(cursor, error);
  if (!passingStatuses.has(error.code)) throw error;
  return error;
}

function unexplainedEnd(): ActivityEventsError {
  return new ActivityEventsError({ code: "UNAVAILABLE", message: "The server ended the stream without a reason." });
}
