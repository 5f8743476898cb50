import type { EventFrame } from "./event-frames.ts";
import type { FollowItem } from "./follow-item.ts";

/** Position of a follower, and its rules for frames. */
export interface Place {
  /** All events up to this sequence have been shown, or do not match the filter. */
  readonly cursor: bigint;
  /** With a filter a sequence that is missing means nothing. */
  readonly filtered: boolean;
  /** A gap right after this cursor was met before, on another stream: the store really lacks what is in it. */
  readonly gapMetAfter: bigint | undefined;
}

/** Result of a frame: items to show, the new cursor, and whether a gap right after it stopped the reading. */
export interface Advance {
  readonly items: readonly FollowItem[];
  readonly cursor: bigint;
  readonly stoppedByGap: boolean;
}

/**
 * Moves a cursor over one frame. Events at or below the cursor are dropped. It stops before a gap, so that the follower
 * can read from there again; one that was met before it passes over, and says so.
 */
export function advanceCursor(place: Place, frame: EventFrame): Advance {
  const items: FollowItem[] = [];
  let { cursor } = place;
  const moveTo = (sequence: bigint): boolean => {
    const gap = { firstSequence: cursor + 1n, lastSequence: sequence };
    if (gap.firstSequence <= gap.lastSequence && !place.filtered) {
      if (place.gapMetAfter !== cursor) return false;
      items.push({ kind: "passedOver", ...gap });
    }
    if (sequence > cursor) cursor = sequence;
    return true;
  };
  const stopped = (): Advance => ({ items, cursor, stoppedByGap: true });

  if (frame.case === "events") {
    for (const event of frame.value.events) {
      if (event.sequence <= cursor) continue;
      if (!moveTo(event.sequence - 1n)) return stopped();
      items.push({ kind: "event", event });
      cursor = event.sequence;
    }
    return { items, cursor, stoppedByGap: false };
  }
  if (frame.case !== "opened" && !moveTo(frame.value.cursor)) return stopped();
  if (frame.case !== "opened" && frame.case !== "goaway") {
    items.push({ kind: frame.case, cursor, headSequence: frame.value.headSequence });
  }
  return { items, cursor, stoppedByGap: false };
}
