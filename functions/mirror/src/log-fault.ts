import type { MirrorEvent } from "@activity-events/event-store";
import type { Logger } from "pino";
import type { FaultCode } from "./mirror-fault.ts";

// Faults of callers, logged as warnings, because no operator has to act.
const warnings: ReadonlySet<FaultCode> = new Set(["MESSAGE_INVALID", "DEPLOYMENT_UNKNOWN"]);

/** Logs a fault with its stable code. */
export function logFault(
  logger: Logger,
  fields: { readonly code: FaultCode; readonly [name: string]: unknown },
  message: string,
): void {
  if (warnings.has(fields.code)) logger.warn(fields, message);
  else logger.error(fields, message);
}

/** Logs a document with an unexpected sequence. */
export function logDocument(logger: Logger, code: FaultCode, document: MirrorEvent): void {
  const { eventId, sequence } = document.kind === "event" ? document.event : document;
  logFault(logger, { code, sequence, event: eventId }, "an event's document is not where it should be");
}

/** Logs that a deployment's position is above its head. Events appended up to the position will not be mirrored. */
export function logPositionAboveHead(
  logger: Logger,
  above: { readonly deployment?: string; readonly mirroredSequence: number; readonly headSequence: number },
): void {
  const { mirroredSequence, headSequence, ...deployment } = above;
  const fields = {
    code: "POSITION_ABOVE_HEAD",
    ...deployment,
    mirrored: mirroredSequence,
    head: headSequence,
  } as const;
  logFault(logger, fields, "more is mirrored than the head tells of");
}
