import type { ContentCodec } from "./content-codec.ts";
import type { StoredEvent } from "./domain/event.ts";
import { commitmentOf, type HistoryHash, withCommitment } from "./domain/history-hash.ts";
import type { DeploymentId } from "./domain/identifiers.ts";
import { type DamagedEventPlace, damageAt } from "./store-error.ts";

interface StoredEvents {
  readonly deploymentId: DeploymentId;
  /** Events in sequence order, from the one after the hash. */
  readonly events: readonly StoredEvent[];
  readonly codec: ContentCodec;
  /** Last sequence. */
  readonly to: number;
}

/** Extends the history hash by stored events; `before` is undefined if the first of them starts the chain. */
export function withStoredEvents(before: HistoryHash, stored: StoredEvents): HistoryHash;
export function withStoredEvents(before: HistoryHash | undefined, stored: StoredEvents): HistoryHash | undefined;
export function withStoredEvents(
  before: HistoryHash | undefined,
  { deploymentId, events, codec, to }: StoredEvents,
): HistoryHash | undefined {
  let history = before;
  const next = () => (history?.sequence ?? 0) + 1;
  for (const { eventId, sequence, receiveTimeUs, content, stamp, salt, redaction } of events) {
    if (sequence > to || sequence !== next()) break;
    const { sendTime, principal } = stampAt({ deploymentId, sequence }, stamp, codec);
    const commitment = redaction?.commitment ?? commitmentOf({ salt, eventId, content, sendTime, principal });
    history = withCommitment(history, { deploymentId, sequence, receiveTimeUs }, commitment);
  }
  if (history === before) {
    throw damageAt({ deploymentId, sequence: next() }, `event ${next()} of ${deploymentId} is missing`);
  }
  return history;
}

function stampAt(place: DamagedEventPlace, stamp: Uint8Array, codec: ContentCodec) {
  try {
    return codec.readStamp(stamp);
  } catch (cause) {
    throw damageAt(place, `the stamp of event ${place.sequence} of ${place.deploymentId} cannot be read`, {
      cause,
    });
  }
}
