import { ActivityEventsError, type EncodedFrame } from "@activity-events/client";
import { type ReceivedEvent, receivedEvent } from "@activity-events/client/internal";
import { atStart, behind, type Cursor, contradicts } from "./cursor.ts";
import type { CursorFile } from "./cursor-file.ts";

export interface ForwardDeploymentOptions {
  readonly deploymentId: string;
  /** Sequence at which the deployment's history hash begins; 0 if it has none. */
  readonly chainFrom: bigint;
  readonly cursors: Pick<CursorFile, "get" | "move">;
  readonly openStream: (afterSequence: bigint) => AsyncIterable<EncodedFrame>;
  /** Tells the target an event, unless it does not match; resolves when that is done. */
  readonly tell: (event: ReceivedEvent, cursor: Cursor) => Promise<void>;
}

/** Why a deployment cannot go on now. */
export type Obstacle =
  /** The service lacks these sequences, or has damaged data there. */
  | {
      readonly kind: "missing" | "damaged";
      readonly firstSequence: bigint;
      readonly lastSequence: bigint;
      readonly why: string;
    }
  /** The service has fewer events than were forwarded, or others. */
  | { readonly kind: "rewritten" }
  /** It was deleted or purged, or the caller may no longer read it. */
  | { readonly kind: "gone"; readonly why: string };

/** Where it ended: at the end, before it, or at an obstacle. */
export type ForwardedTo = { readonly kind: "caughtUp" } | { readonly kind: "more" } | Obstacle;

/**
 * Tells the target the events of a deployment behind its cursor, one after the other, and moves the cursor behind each. Throws an `ActivityEventsError` if the service is not reached, and what `tell` and
 * the cursor throw.
 */
export async function forwardDeployment(options: ForwardDeploymentOptions): Promise<ForwardedTo> {
  const { deploymentId, cursors, openStream } = options;
  let cursor = cursors.get(deploymentId) ?? atStart;
  try {
    for await (const frame of openStream(cursor.sequence)) {
      if (frame.case === "goaway") break;
      if (frame.case === "opened") continue;
      if (frame.case === "events") {
        for (const encoded of frame.value.encoded) {
          const received = receivedEvent(encoded);
          const { sequence } = received.event;
          if (sequence <= cursor.sequence) continue;
          if (sequence > cursor.sequence + 1n) return missing(cursor, sequence - 1n);
          const next = behind(cursor, received, options.chainFrom);
          await options.tell(received, next);
          await cursors.move(deploymentId, next);
          cursor = next;
        }
        continue;
      }
      const { cursor: end, historyHash: hash, historyHashSequence: hashed } = frame.value;
      if (end > cursor.sequence) return missing(cursor, end);
      if (contradicts(cursor, { sequence: hashed, hash })) return { kind: "rewritten" };
      // The service had not chained these events yet when it was last asked.
      if (cursor.hash === undefined && hashed === cursor.sequence && hash.length > 0) {
        cursor = { ...cursor, hash };
        await cursors.move(deploymentId, cursor);
      }
      if (frame.case === "caughtUp") return { kind: "caughtUp" };
    }
  } catch (error) {
    return obstacleIn(error, cursor);
  }
  return { kind: "more" };
}

function missing(cursor: Cursor, lastSequence: bigint): Obstacle {
  const why = "the service does not have it";
  return { kind: "missing", firstSequence: cursor.sequence + 1n, lastSequence, why };
}

function obstacleIn(error: unknown, cursor: Cursor): ForwardedTo {
  if (!(error instanceof ActivityEventsError)) throw error;
  const { sequence = "" } = error.metadata;
  if (error.code === "NOT_FOUND") return { kind: "gone", why: error.message };
  if (error.reason === "CURSOR_AHEAD") return { kind: "rewritten" };
  if (error.code !== "DATA_LOSS") throw error;
  const firstSequence = cursor.sequence + 1n;
  const named = /^\d{1,19}$/.test(sequence) ? BigInt(sequence) : firstSequence;
  const lastSequence = named > firstSequence ? named : firstSequence;
  return { kind: "damaged", firstSequence, lastSequence, why: error.message };
}
