import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";

/** Ids by which an answer names an event. */
export type EventNames = Pick<Event, "deploymentId" | "eventId">;

// From the contract: an acknowledgement truncates longer ids. No stored event has one.
const nameBytesMax = 128;

/** Tells whether an answer names the event that was sent. Its ids may be truncated to 128 bytes. */
export function namesEvent(answer: EventNames, sent: EventNames): boolean {
  return isName(answer.eventId, sent.eventId) && isName(answer.deploymentId, sent.deploymentId);
}

/** Formats the ids of an event for messages. */
export function showNames({ deploymentId, eventId }: EventNames): string {
  return `event "${eventId}" of deployment "${deploymentId}"`;
}

function isName(answered: string, sent: string): boolean {
  return answered === sent || (Buffer.byteLength(sent) > nameBytesMax && answered === cutName(sent));
}

/** Truncates to whole characters within the bound. */
function cutName(name: string): string {
  const cut = new Uint8Array(nameBytesMax);
  const { read } = new TextEncoder().encodeInto(name, cut);
  return name.slice(0, read);
}
