import type { DamagedPlace, StoredEvent } from "@activity-events/event-store";
import { type EventRequest, EventRequestSchema } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { create } from "@bufbuild/protobuf";
import { Refusal } from "../../application/refusal.ts";
import { decodeContent, decodeStamp } from "./event-codec.ts";
import { nanosecondsOf } from "./times.ts";

/** Converts a stored event to the ancestor's form, with id 0 if its id is not an int32. Throws the decoder's error. */
export function ancestorEvent(stored: StoredEvent, deploymentId: number): EventRequest {
  return create(EventRequestSchema, {
    id: parseInt32(stored.eventId) ?? 0,
    message: decodeContent(stored).message,
    timestamp: ancestorTimestamp(stored),
    deploymentId,
  });
}

/** Converts the times to ns since 1970: the producer's clock, 0 if unset, and the server's. */
export function ancestorTimestamp({ stamp, receiveTimeUs }: Pick<StoredEvent, "stamp" | "receiveTimeUs">) {
  const { sendTime } = decodeStamp(stamp);
  return {
    send: sendTime === undefined ? 0n : asInt64(nanosecondsOf(sendTime)),
    receive: BigInt(receiveTimeUs) * 1_000n,
  };
}

/** Makes the refusal for stored events that cannot be read; it names the first. */
export function eventsLost({ deploymentId, sequence }: DamagedPlace, { count = 1, cause = undefined as unknown }) {
  const event = sequence === undefined ? "an event" : `event ${sequence}`;
  const first = `the store cannot give back ${event} of deployment ${deploymentId} as it was stored`;
  return new Refusal("STORE_DAMAGED", count === 1 ? first : `${first}, nor ${count - 1} more events of this list`, {
    metadata: {
      deployment_id: deploymentId,
      ...(sequence === undefined ? {} : { sequence: `${sequence}` }),
      events_lost: `${count}`,
    },
    cause,
  });
}

/** Parses the canonical decimal string of an int32; undefined for anything else, such as `07` and `-0`. */
export function parseInt32(text: string): number | undefined {
  const number = Number(text) | 0;
  return `${number}` === text ? number : undefined;
}

// The ancestor's nanoseconds cover the years 1677 to 2262; other times become the nearest one.
function asInt64(nanoseconds: bigint): bigint {
  const [min, max] = [-(2n ** 63n), 2n ** 63n - 1n];
  if (nanoseconds > max) return max;
  return nanoseconds < min ? min : nanoseconds;
}
