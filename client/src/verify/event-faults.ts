import type { FaultKind } from "./fault.ts";
import type { ReceivedEvent } from "./received-event.ts";

/** A fault of an event at a known place. */
export interface EventFault {
  readonly kind: FaultKind;
  readonly description: string;
}

/** Finds what is wrong with an event by itself. */
export function eventFaults(deploymentId: string, received: ReceivedEvent): readonly EventFault[] {
  const { event, receiveTimeUs } = received;
  const { sequence, eventId } = event;
  const faults: EventFault[] = [];
  const name = `deployments/${deploymentId}/events/${eventId}`;
  if (event.deploymentId !== deploymentId || eventId === "" || event.name !== name) {
    const found = `"${event.name}" with event_id "${eventId}" and deployment_id "${event.deploymentId}"`;
    const description = `event ${sequence} of ${deploymentId} is named ${found}`;
    faults.push({ kind: "EVENT_NAMES", description });
  }
  if (receiveTimeUs === undefined) {
    const description = `event ${sequence} has no receive time of whole microseconds`;
    faults.push({ kind: "EVENT_TIME", description });
  }
  return faults;
}

// What an event loses with its salt.
const emptied = ["message", "actor", "url", "source"] as const;

/** Finds what an event that is in the chain holds and its commitment cannot prove. */
export function proofFaults({ event, commitment }: ReceivedEvent): readonly EventFault[] {
  const { sequence, salt, labels, data } = event;
  if (salt.length > 0) return [];
  if (commitment === undefined) {
    return [{ kind: "EVENT_UNPROVED", description: `event ${sequence} has neither salt nor commitment` }];
  }
  const found: string[] = emptied.filter((field) => event[field] !== "");
  if (Object.keys(labels).length > 0) found.push("labels");
  if (data !== undefined) found.push("data");
  if (found.length === 0) return [];
  return [{ kind: "EVENT_UNPROVED", description: `event ${sequence} has no salt, and yet ${found.join(", ")}` }];
}
