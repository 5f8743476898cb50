import { ActivityEventsError } from "../activity-events-error.ts";

/** The server has fewer events of a deployment than a follower has seen, as after a restore of an older copy. */
export class CursorAheadError extends ActivityEventsError {
  override readonly name = "CursorAheadError";
  /** Last sequence that the follower has read. */
  readonly cursor: bigint;

  constructor(cursor: bigint, cause: ActivityEventsError) {
    super({ ...cause, message: cause.message }, { cause });
    this.cursor = cursor;
  }
}
