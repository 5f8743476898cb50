import { StoreFaultError } from "@activity-events/event-store";

/**
 * Codes of the mirror's faults, in the field `code` of its log. They are stable: alerts count them.
 *
 * The stored data is damaged; the mirror continues:
 * - `EVENT_MISSING`: no document has a sequence up to the head; a tombstone was published instead.
 * - `EVENT_UNREADABLE`: the document cannot be decoded; a tombstone was published instead.
 * - `EVENT_REFUSED`: Pub/Sub refuses the event's message; a tombstone was published instead.
 * - `EVENT_OUT_OF_PLACE`: a document's sequence is not an integer or belongs to another event; it is skipped.
 * - `EVENT_ABOVE_HEAD`: documents have sequences above the head, after a gap; they are not mirrored.
 * - `POSITION_ABOVE_HEAD`: the position is above the head; events appended up to it are not mirrored.
 *
 * A message is invalid and is acknowledged:
 * - `MESSAGE_INVALID`: it is neither a poke nor a sweep.
 * - `DEPLOYMENT_UNKNOWN`: the poke names a deployment without a head.
 *
 * The platform failed; the message is not acknowledged and is redelivered:
 * - `STORE_FAILED`, `PUBLISH_FAILED`, `POKE_FAILED`: a request to Firestore or Pub/Sub failed.
 * - `TOPIC_REFUSES`: an alarm. The topic refuses several messages in a row, or a tombstone.
 * - `SWEEP_INCOMPLETE`: a sweep could not settle some deployments; each is logged with its own code.
 * - `INTERNAL`: anything else, a bug.
 */
export const faultCodes = [
  "EVENT_MISSING",
  "EVENT_UNREADABLE",
  "EVENT_REFUSED",
  "EVENT_OUT_OF_PLACE",
  "EVENT_ABOVE_HEAD",
  "POSITION_ABOVE_HEAD",
  "MESSAGE_INVALID",
  "DEPLOYMENT_UNKNOWN",
  "STORE_FAILED",
  "PUBLISH_FAILED",
  "POKE_FAILED",
  "TOPIC_REFUSES",
  "SWEEP_INCOMPLETE",
  "INTERNAL",
] as const;
export type FaultCode = (typeof faultCodes)[number];

/** A fault that ends a run or a sweep. */
export class MirrorFaultError extends Error {
  override readonly name = "MirrorFaultError";
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Returns the code of any thrown error. */
export function faultCodeOf(error: unknown): FaultCode {
  if (error instanceof MirrorFaultError) return error.code;
  return error instanceof StoreFaultError ? "STORE_FAILED" : "INTERNAL";
}
