import { type DeploymentId, type EventId, type NewEvent, noSalt, type StoredEvent } from "@activity-events/event-store";
import { plainFacts } from "@activity-events/event-store/contract/builders";
import { EventSchema, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";

export const deploymentId = (text: string) => text as DeploymentId;
export const eventId = (text: string) => text as EventId;

type Content = MessageInitShape<typeof EventSchema>;

/** An event's content as the service records it. */
export function content(fields: Content = {}): Uint8Array {
  return toBinary(
    EventSchema,
    create(EventSchema, { type: "deployment.progress", severity: Severity.INFO, ...fields }),
  );
}

/** An event as the store keeps it. */
export function storedEvent(sequence: number, fields: Content = {}): StoredEvent {
  const { type, severity, labels } = facts;
  return {
    eventId: eventId(`event-${sequence}`),
    sequence,
    receiveTimeUs: 1_795_507_426_971_868,
    type,
    severity,
    labels,
    content: content(fields),
    stamp: new Uint8Array(),
    salt: noSalt,
  };
}

/** What the mirror reads of an event's document. */
export function readable(event: StoredEvent, historyHash?: Uint8Array) {
  return { kind: "event", event, historyHash, imported: false } as const;
}

/** An event that is to be appended. */
export function newEvent(id: string, fields: Content = {}): NewEvent {
  return { eventId: eventId(id), facts, content: content(fields), stamp: new Uint8Array(), salt: noSalt };
}

/** Events `event-1`, `event-2` and so on, which get these sequences in a new deployment. */
export function newEvents(count: number, first = 1): NewEvent[] {
  return sequences(count, first).map((sequence) => newEvent(`event-${sequence}`, { message: `number ${sequence}` }));
}

/** 1, 2, 3 and so on. */
export function sequences(count: number, first = 1): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Facts of the events. */
export const facts: NewEvent["facts"] = plainFacts;

/** What a run knows of a deployment that is kept. */
export function firstRun(id: DeploymentId) {
  return { deploymentId: id, isPurged: false, replayed: false } as const;
}
