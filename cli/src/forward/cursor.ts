import type { Deployment } from "@activity-events/client";
import { emptyHistory, type ReceivedEvent, withEvent } from "@activity-events/client/internal";

/** How far a deployment was forwarded. */
export interface Cursor {
  /** All events up to this sequence were told, or do not match. */
  readonly sequence: bigint;
  /** History hash after that event; undefined if it is not known. */
  readonly hash: Uint8Array | undefined;
}

/** Before the first event. */
export const atStart: Cursor = { sequence: 0n, hash: undefined };

/** Behind the last event of a head. */
export function atHead({ headSequence, historyHash, historyHashSequence }: Deployment): Cursor {
  return { sequence: headSequence, hash: historyHashSequence === headSequence ? historyHash : undefined };
}

/** Behind one more event; `from` is the sequence at which the deployment's chain begins. */
export function behind(cursor: Cursor, { event, receiveTimeUs, commitment }: ReceivedEvent, from: bigint): Cursor {
  const { sequence } = event;
  const before = sequence === from ? emptyHistory(event.deploymentId) : cursor.hash;
  const isChained = before !== undefined && receiveTimeUs !== undefined && commitment !== undefined;
  return { sequence, hash: isChained ? withEvent(before, { sequence, receiveTimeUs, commitment }) : undefined };
}

/** True if a hash of the service's proves that it holds another history than the one that was forwarded. */
export function contradicts({ sequence, hash }: Cursor, said: { sequence: bigint; hash: Uint8Array }): boolean {
  return hash !== undefined && said.sequence === sequence && Buffer.compare(hash, said.hash) !== 0;
}
