import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";

/** The ids by which an answer names an event. */
export type EventNames = Pick<Event, "deploymentId" | "eventId">;

// As in the contract: an acknowledgement cuts longer ids, which no event has that is stored.
const nameBytesMax = 128;

/** Tells whether an answer names the event that was sent; its ids may be cut at a character to 128 bytes. */
export function namesEvent(answer: EventNames, sent: EventNames): boolean {
  return isName(answer.eventId, sent.eventId) && isName(answer.deploymentId, sent.deploymentId);
}

/** The ids of an event in words. */
export function showNames({ deploymentId, eventId }: EventNames): string {
  return `event "${eventId}" of deployment "${deploymentId}"`;
}

function isName(answered: string, sent: string): boolean {
  return answered === sent || (Buffer.byteLength(sent) > nameBytesMax && answered === cutName(sent));
}

/** As many whole characters as fit. */
function cutName(name: string): string {
  const cut = new Uint8Array(nameBytesMax);
  const { read } = new TextEncoder().encodeInto(name, cut);
  return name.slice(0, read);
}
