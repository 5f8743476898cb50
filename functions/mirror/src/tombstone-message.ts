import { type DeploymentId, isEventId } from "@activity-events/event-store";
import { setAttributes, setMark, sourceOf, type TopicMessage } from "@activity-events/topic/topic-message";
import type { FaultCode } from "./mirror-fault.ts";

/** Reason of a tombstone: a fault, or the purge of the deployment. */
export type TombstoneReason = Extract<FaultCode, "EVENT_MISSING" | "EVENT_UNREADABLE" | "EVENT_REFUSED"> | "PURGED";

interface TombstoneOptions {
  readonly deploymentId: DeploymentId;
  readonly sequence: number;
  /** Undefined if there is no document. */
  readonly eventId: string | undefined;
  readonly reason: TombstoneReason;
  /** True if the sequence was published before, and somebody asked for it again. */
  readonly replayed: boolean;
}

/**
 * Makes the message that replaces an event. It contains only the id and the sequence, so nothing of the event can make
 * Pub/Sub refuse it. The sequence in its data is a string, as in the event's JSON.
 */
export function tombstoneMessage({
  deploymentId,
  sequence,
  eventId,
  reason,
  replayed,
}: TombstoneOptions): TopicMessage {
  const known = eventId !== undefined && isEventId(eventId) ? { eventId } : {};
  return {
    data: Buffer.from(JSON.stringify({ reason, ...known, sequence: `${sequence}` })),
    attributes: setAttributes({
      "content-type": "application/json",
      "ce-specversion": "1.0",
      "ce-id": known.eventId ?? `!${sequence}`,
      "ce-source": sourceOf(deploymentId),
      "ce-type": "activityevents.tombstone",
      "ce-subject": deploymentId,
      "ce-sequence": `${sequence}`,
      deployment_id: deploymentId,
      type: "activityevents.tombstone",
      replayed: setMark(replayed),
    }),
    orderingKey: deploymentId,
  };
}
