import type { EventFrame } from "./event-frames.ts";
import type { FollowItem } from "./follow-item.ts";

/** Position of a follower. */
export interface Place {
  /** All events up to this sequence were shown or do not match the filter. */
  readonly cursor: bigint;
  /** True with a filter, where missing sequences are normal. */
  readonly filtered: boolean;
  /** Cursor before a gap that an earlier stream also had, so the store really lacks these events. */
  readonly gapMetAfter: bigint | undefined;
}

/** Result of a frame: items to show, the new cursor, and whether a gap follows it. */
export interface Advance {
  readonly items: readonly FollowItem[];
  readonly cursor: bigint;
  readonly stoppedByGap: boolean;
}

/**
 * Moves a cursor over one frame. Drops events at or below the cursor. Stops before a gap, so that the follower can read
 * again from there; skips a gap that an earlier stream had, and reports it.
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
