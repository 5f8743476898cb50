import { StoreFaultError } from "@activity-events/event-store";

/**
 * The codes of the mirror's faults, as they stand in the field `code` of its log. They are stable: alerts count them.
 *
 * Something is wrong with what is stored; the mirror goes on:
 * - `EVENT_MISSING`: no document holds a sequence up to the head; a tombstone was published in its place.
 * - `EVENT_UNREADABLE`: the document cannot be decoded; a tombstone was published in its place.
 * - `EVENT_REFUSED`: Pub/Sub refuses the event's message for itself; a tombstone was published in its place.
 * - `EVENT_OUT_OF_PLACE`: a document's sequence is no whole number, or taken by another event; it is passed over.
 * - `EVENT_ABOVE_HEAD`: documents have sequences above the head, with a hole before them; they are not mirrored.
 * - `POSITION_ABOVE_HEAD`: more is mirrored than the head says there is; what is appended up to there is not mirrored.
 *
 * A message makes no sense and is acknowledged:
 * - `MESSAGE_INVALID`: it is neither a poke nor a sweep.
 * - `DEPLOYMENT_UNKNOWN`: the poke names a deployment that has no head.
 *
 * The platform is in trouble; what was asked is not acknowledged and comes again:
 * - `STORE_FAILED`, `PUBLISH_FAILED`, `POKE_FAILED`: Firestore or Pub/Sub did not do what was asked.
 * - `TOPIC_REFUSES`: an alarm. Messages are refused one after the other, or a tombstone is: the cause is the topic.
 * - `SWEEP_INCOMPLETE`: a sweep could not settle some deployments; each is logged with its own code.
 * - `INTERNAL`: anything else; a defect.
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

/** What keeps a run or a sweep from going on. */
export class MirrorFaultError extends Error {
  override readonly name = "MirrorFaultError";
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The code of whatever was thrown. */
export function faultCodeOf(error: unknown): FaultCode {
  if (error instanceof MirrorFaultError) return error.code;
  return error instanceof StoreFaultError ? "STORE_FAILED" : "INTERNAL";
}
