import { type DeploymentId, isEventId } from "@activity-events/event-store";
import type { FaultCode } from "./mirror-fault.ts";
import { setAttributes, sourceOf, type TopicMessage } from "./topic-message.ts";

/** Why an event has a tombstone in its place. */
export type TombstoneReason = Extract<FaultCode, "EVENT_MISSING" | "EVENT_UNREADABLE" | "EVENT_REFUSED">;

interface TombstoneOptions {
  readonly deploymentId: DeploymentId;
  readonly sequence: number;
  /** Undefined when no document tells it. */
  readonly eventId: string | undefined;
  readonly reason: TombstoneReason;
}

/**
 * The message that takes an event's place. It holds nothing of the event but its id and its place, so that nothing of what
 * was wrong with the event can be wrong with it; the sequence in its data is a string, as in the event's own JSON.
 */
export function tombstoneMessage({ deploymentId, sequence, eventId, reason }: TombstoneOptions): TopicMessage {
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
    }),
    orderingKey: deploymentId,
  };
}
