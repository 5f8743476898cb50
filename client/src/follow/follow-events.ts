import { ActivityEventsError } from "../activity-events-error.ts";
import { acrossReconnects } from "../calls/across-reconnects.ts";
import type { BackOff } from "../calls/back-off.ts";
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
  const steps = acrossReconnects({ open: () => openStream(place.cursor), backOff, signal });
  try {
    for await (const step of steps) {
      if (step.kind === "disconnected") yield step;
      else if (step.kind === "reconnected") yield { ...step, cursor: place.cursor };
      else {
        const { items, cursor, stoppedByGap } = advanceCursor(place, step.frame);
        place = { ...place, cursor };
        yield* items;
        if (!stoppedByGap) continue;
        place = { ...place, gapMetAfter: cursor };
        step.restart();
      }
    }
  } catch (error) {
    throw withCursor(error, place.cursor);
  }
}

function withCursor(error: unknown, cursor: bigint): unknown {
  const isAhead = error instanceof ActivityEventsError && error.reason === "CURSOR_AHEAD";
  return isAhead ? new CursorAheadError(cursor, error) : error;
}
