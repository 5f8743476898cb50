import type { FaultKind } from "./fault.ts";
import { commitmentBytes, isEmptied, type ReceivedEvent, saltBytes } from "./received-event.ts";

/** A fault of one event. */
export interface EventFault {
  readonly kind: FaultKind;
  readonly description: string;
}

/** Finds the faults of an event that need no other event. */
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

/** Finds reasons why an event's content is not proved. An emptied event proves none; see `RedactionCheck`. */
export function proofFaults({ event }: ReceivedEvent, isInChain: boolean): readonly EventFault[] {
  const { sequence, salt, commitment } = event;
  if (salt.length === saltBytes || isEmptied(event)) return [];
  const unproved = (description: string): readonly EventFault[] => [{ kind: "EVENT_UNPROVED", description }];
  if (salt.length > 0) {
    return unproved(`event ${sequence} has a salt of ${salt.length} bytes; expected ${saltBytes}`);
  }
  if (commitment.length > 0) {
    return unproved(
      `event ${sequence} has a commitment of ${commitment.length} bytes instead of its salt; expected ${commitmentBytes}`,
    );
  }
  return isInChain ? unproved(`event ${sequence} has no salt, so its content is not proved`) : [];
}
