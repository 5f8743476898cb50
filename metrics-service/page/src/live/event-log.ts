import type { EventJson } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Ended, LiveFrame } from "../../../src/live/live-messages.ts";
import { withRedactions } from "./redacted-event.ts";

/** Events of one deployment, from the frames of its stream: each once, in order, over every reconnect. */
export class EventLog {
  #events: readonly EventJson[] = [];
  #isCaughtUp = false;
  #ended: Ended | undefined;

  get events(): readonly EventJson[] {
    return this.#events;
  }

  /** True once everything up to the head was there. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  /** Why the server ended the stream; undefined while it goes on. */
  get ended(): Ended | undefined {
    return this.#ended;
  }

  /** Sequence of the last event: the cursor from which another stream goes on. */
  get cursor(): string {
    return this.#events.at(-1)?.sequence ?? "0";
  }

  /** Takes the next frame. Returns true if it changed something. */
  take(frame: LiveFrame): boolean {
    if ("ended" in frame) {
      this.#ended = frame.ended;
      // Deleted, purged or not to be read any more: nothing of it may stay on a screen.
      if (frame.ended.status === "NOT_FOUND") this.#events = [];
      return true;
    }
    if ("opened" in frame && this.#ended !== undefined) {
      this.#ended = undefined;
      return true;
    }
    if ("events" in frame) {
      const cursor = Number(this.cursor);
      const added = (frame.events?.events ?? []).filter(({ sequence }) => Number(sequence) > cursor);
      this.#events = withRedactions([...this.#events, ...added], added);
      return added.length > 0;
    }
    if ("caughtUp" in frame && !this.#isCaughtUp) {
      this.#isCaughtUp = true;
      return true;
    }
    return false;
  }
}
