import type { DeploymentId } from "@activity-events/event-store";
import { messageBytesMax, type TopicMessage } from "@activity-events/topic/topic-message";
import { limits } from "./limits.ts";
import { type Place, sequenceOf } from "./next-places.ts";
import { storedEventMessage } from "./stored-event-message.ts";
import { type TombstoneReason, tombstoneMessage } from "./tombstone-message.ts";

/** Message for one sequence: the event, or a tombstone instead. */
export type MirrorMessage = {
  readonly sequence: number;
  /** Undefined if there is no document. */
  readonly eventId: string | undefined;
  readonly message: TopicMessage;
} & (
  | {
      readonly kind: "event";
      /** Time since when the event has waited; undefined if it was imported or is replayed. */
      readonly receiveTimeUs: number | undefined;
    }
  | { readonly kind: "tombstone"; readonly reason: TombstoneReason; readonly cause: unknown }
);

/** What a run knows of a deployment when it makes messages. */
export interface MessageContext {
  readonly deploymentId: DeploymentId;
  /** True if a purge has begun, so that a missing event is none that was lost. */
  readonly isPurged: boolean;
  /** True if the sequences were published before. */
  readonly replayed: boolean;
}

/** Makes the message for one sequence; never throws. */
export function mirrorMessage(place: Place, { deploymentId, isPurged, replayed }: MessageContext): MirrorMessage {
  const common = { deploymentId, replayed, sequence: sequenceOf(place) };
  if (place.kind === "missing") {
    return tombstone({ ...common, eventId: undefined, reason: isPurged ? "PURGED" : "EVENT_MISSING" });
  }
  if (place.kind === "unreadable") {
    return tombstone({ ...common, eventId: place.eventId, reason: "EVENT_UNREADABLE" });
  }
  const { eventId, sequence } = place.event;
  try {
    const message = storedEventMessage(deploymentId, place, { replayed });
    const receiveTimeUs = place.imported || replayed ? undefined : place.event.receiveTimeUs;
    return { kind: "event", sequence, eventId, receiveTimeUs, message };
  } catch (cause) {
    return tombstone({ ...common, eventId, reason: "EVENT_UNREADABLE", cause });
  }
}

interface TombstoneOptions {
  readonly deploymentId: DeploymentId;
  readonly sequence: number;
  readonly eventId: string | undefined;
  readonly reason: TombstoneReason;
  readonly replayed: boolean;
  readonly cause?: unknown;
}

/** Makes a tombstone for a sequence, with its cause for the log. */
export function tombstone({ cause, ...options }: TombstoneOptions): MirrorMessage {
  const { sequence, eventId, reason } = options;
  return { kind: "tombstone", sequence, eventId, reason, cause, message: tombstoneMessage(options) };
}

type ChunkLimits = Readonly<Record<"chunkMessagesMax" | "chunkBytesMax", number>>;

/** Splits messages into chunks for one publish request each; an oversized message gets its own chunk. */
export function chunksOf(
  messages: readonly MirrorMessage[],
  { chunkMessagesMax, chunkBytesMax }: ChunkLimits = limits,
): MirrorMessage[][] {
  const chunks: MirrorMessage[][] = [];
  let chunk: MirrorMessage[] = [];
  let chunkBytes = 0;
  for (const message of messages) {
    const bytes = messageBytesMax(message.message);
    const isFull = chunk.length >= chunkMessagesMax || chunkBytes + bytes > chunkBytesMax;
    if (chunk.length === 0 || isFull) {
      chunk = [];
      chunkBytes = 0;
      chunks.push(chunk);
    }
    chunk.push(message);
    chunkBytes += bytes;
  }
  return chunks;
}
