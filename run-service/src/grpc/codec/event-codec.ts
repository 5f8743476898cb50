import { isDeepStrictEqual } from "node:util";
import { type EventFacts, microsecondsOf, type NewEvent, newSalt, type SendTime } from "@activity-events/event-store";
import { type Event, EventSchema, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { canonicalOrder } from "./canonical-order.ts";
import { outcomeOf } from "./enums.ts";

// What is no content: the names, the server's own fields, and what a retry may set anew.
const notContent: ReadonlySet<string> = new Set([
  "name",
  "event_id",
  "deployment_id",
  "sequence",
  "send_time",
  "receive_time",
  "salt",
  "commitment",
  "principal",
]);
const contentFields = EventSchema.fields.filter((field) => !notContent.has(field.name));

/** Defaults for an event whose producer leaves them out. */
export const defaultType = "deployment.progress";
export const defaultSeverity = Severity.INFO;

/** Fills in what the producer left to the server. */
function applyDefaults(event: Event): void {
  if (event.type === "") event.type = defaultType;
  if (event.severity === Severity.UNSPECIFIED) event.severity = defaultSeverity;
}

/**
 * An event of a request, which must be valid and belongs to this function from now on, in the form that stores keep: its
 * content in an encoding that is always the same for the same content, and its send time apart.
 */
export function newEvent(event: Event, eventId: NewEvent["eventId"]): NewEvent {
  applyDefaults(event);
  const stamp = event.sendTime === undefined ? new Uint8Array() : encodeStamp(event.sendTime);
  const facts = factsOf(event);
  return { eventId, facts, content: takeContent(event), stamp, salt: newSalt() };
}

/** The content of an event, which loses all else. */
function takeContent(event: Event): Uint8Array {
  Object.assign(event, nothingOfServer);
  return canonicalOrder(EventSchema, toBinary(EventSchema, event));
}

const nothingOfServer = {
  name: "",
  eventId: "",
  deploymentId: "",
  sequence: 0n,
  sendTime: undefined,
  receiveTime: undefined,
  salt: new Uint8Array(),
  commitment: new Uint8Array(),
  principal: "",
};

function factsOf(event: Event): EventFacts {
  const { type, severity, labels, environment, service, revision, actor, commit, commitTime, url } = event;
  const outcome = outcomeOf[event.outcome];
  const sendTime = event.sendTime && plainTime(event.sendTime);
  const commitTimeUs = commitTime && commitTimeOf(plainTime(commitTime));
  const names = { environment, service, revision, actor, commit, url };
  return { type, severity, labels, outcome, ...names, commitTimeUs, sendTime };
}

/** A commit's time as heads keep it: undefined beyond the years in which whole microseconds are exact. */
export function commitTimeOf(time: SendTime): number | undefined {
  const timeUs = microsecondsOf(time);
  return Number.isSafeInteger(timeUs) ? timeUs : undefined;
}

function plainTime({ seconds, nanos }: Timestamp): SendTime {
  return { seconds: Number(seconds), nanos };
}

function encodeStamp(sendTime: NonNullable<Event["sendTime"]>): Uint8Array {
  return toBinary(EventSchema, create(EventSchema, { sendTime }));
}

/** Fields that a producer set, from the stored form, without the names and the server's own fields. */
export function decodeContent({ content, stamp }: Pick<NewEvent, "content" | "stamp">): Event {
  const event = fromBinary(EventSchema, content);
  if (stamp.length > 0) event.sendTime = decodeSendTime(stamp);
  return event;
}

/** Facts that the store has to know of an event. */
export function storedFacts(stored: Pick<NewEvent, "content" | "stamp">): EventFacts {
  return factsOf(withDefaults(stored));
}

function withDefaults(stored: Pick<NewEvent, "content" | "stamp">): Event {
  const event = decodeContent(stored);
  applyDefaults(event);
  return event;
}

/** The same, and its content as it would be stored now. */
export function restoredEvent(stored: Pick<NewEvent, "content" | "stamp">): Pick<NewEvent, "facts" | "content"> {
  const event = withDefaults(stored);
  return { facts: factsOf(event), content: takeContent(event) };
}

/** The producer's clock as the history hash takes it. */
export function sendTimeOf(stamp: Uint8Array): SendTime | undefined {
  const sendTime = stamp.length === 0 ? undefined : decodeSendTime(stamp);
  return sendTime === undefined ? undefined : plainTime(sendTime);
}

/** The producer's clock, if the producer set it. */
export function decodeSendTime(stamp: Uint8Array): Event["sendTime"] {
  return fromBinary(EventSchema, stamp).sendTime;
}

/** Names the fields of two contents that differ, with today's defaults applied to both; `#99`: a field without a name. */
export function differingFields(stored: Uint8Array, offered: Uint8Array): readonly string[] {
  const [a, b] = [stored, offered].map((content) => {
    const event = fromBinary(EventSchema, content);
    applyDefaults(event);
    return event;
  }) as [Event, Event];
  const known = contentFields.filter(
    ({ localName }) => !isSameValue(a[localName as keyof Event], b[localName as keyof Event]),
  );
  return [...known.map(({ name }) => name), ...differingUnknownFields(a, b)];
}

function isSameValue(a: unknown, b: unknown): boolean {
  return a === b || isDeepStrictEqual(a, b);
}

function differingUnknownFields(a: Event, b: Event): string[] {
  const [inA, inB] = [unknownFieldsOf(a), unknownFieldsOf(b)];
  return [...new Set([...inA.keys(), ...inB.keys()])]
    .filter((number) => !isDeepStrictEqual(inA.get(number), inB.get(number)))
    .map((number) => `#${number}`);
}

/** The values of each field without a name, in their order, by the field's number. */
function unknownFieldsOf({ $unknown = [] }: Event): Map<number, number[][]> {
  const values = new Map<number, number[][]>();
  for (const { no, wireType, data } of $unknown) {
    const value = [wireType, ...data];
    const others = values.get(no);
    if (others === undefined) values.set(no, [value]);
    else others.push(value);
  }
  return values;
}
