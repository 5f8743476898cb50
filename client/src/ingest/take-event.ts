import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { ActivityEventsError } from "../activity-events-error.ts";
import { unkept, unkeptValues } from "../calls/unkept-values.ts";
import { checkEventInit } from "../events/check-event-init.ts";
import { type EventInit, fillEventId } from "../events/fill-event-id.ts";
import { limits } from "../limits.ts";
import { encodeEvent } from "./encode-event.ts";
import type { TakenEvent } from "./ingest-queue.ts";

/**
 * Gives an event its id and encodes it once for all attempts. Refuses an event that fits into no message, because sending it
 * would end the stream for the others.
 */
export function takeEvent(init: EventInit): TakenEvent {
  const strange = checkEventInit(init, "event");
  const event = fillEventId(strange.length === 0 ? init : idsOf(init));
  const idIsOurs = !init?.eventId;
  const [first, ...others] = strange.length > 0 ? strange : unkeptValues(EventSchema, event, "event");
  if (first !== undefined) return { event, encoded: unkept([first, ...others]), bytes: 0, idIsOurs };
  try {
    // Concatenated encodings of messages are the encoding of one message with all their events.
    const encoded = encodeEvent(event);
    const bytes = encoded.length;
    if (bytes <= limits.ingestMessageBytesMax) return { event, encoded, bytes, idIsOurs };
    const description = `must fit into a message of ${limits.ingestMessageBytesMax} bytes; found ${bytes}`;
    return { event, encoded: refusal(description), bytes, idIsOurs };
  } catch (cause) {
    return { event, encoded: refusal(`cannot be encoded: ${String(cause)}`, cause), bytes: 0, idIsOurs };
  }
}

/** Keeps only the ids of an invalid event, by which the producer recognizes it. */
function idsOf(init: EventInit | null | undefined): EventInit {
  const { eventId, deploymentId } = init ?? {};
  return {
    ...(typeof eventId === "string" ? { eventId } : {}),
    ...(typeof deploymentId === "string" ? { deploymentId } : {}),
  };
}

function refusal(description: string, cause?: unknown): ActivityEventsError {
  const message = `event: ${description}`;
  const violations = [{ field: "event", description }];
  return new ActivityEventsError({ code: "INVALID_ARGUMENT", message, violations }, { cause });
}
