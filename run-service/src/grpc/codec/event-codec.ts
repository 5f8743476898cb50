import { isDeepStrictEqual } from "node:util";
import { type EventFacts, microsecondsOf, type NewEvent, newSalt, type SendTime } from "@activity-events/event-store";
import { type Event, EventSchema, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { canonicalOrder } from "./canonical-order.ts";
import { outcomeOf } from "./enums.ts";

// Fields that are not content: the ids, the server's fields, and those that a retry may change.
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

/** Default type. */
export const defaultType = "deployment.progress";
export const defaultSeverity = Severity.INFO;

/** Fills in the defaults. */
function applyDefaults(event: Event): void {
  if (event.type === "") event.type = defaultType;
  if (event.severity === Severity.UNSPECIFIED) event.severity = defaultSeverity;
}

/**
 * Converts a valid event of a request to the stored form: content, encoded the same for the same content, and a
 * separate send time. Takes ownership of the event.
 */
export function newEvent(event: Event, eventId: NewEvent["eventId"]): NewEvent {
  applyDefaults(event);
  const stamp = event.sendTime === undefined ? new Uint8Array() : encodeStamp(event.sendTime);
  const facts = { ...factsOf(event), principal: "" };
  return { eventId, facts, content: takeContent(event), stamp, salt: newSalt() };
}

/** Stamps the event with who records it. Takes ownership of the event: a copy of each costs 5 % of IngestEvents. */
export function stampWith(principal: string, event: NewEvent): void {
  const encoded = encodePrincipal(principal);
  const stamp = event.stamp.length === 0 ? encoded : Buffer.concat([event.stamp, encoded]);
  Object.assign(event.facts, { principal });
  Object.assign(event, { stamp });
}

// Of the last principal: most calls come in rows of the same one.
let lastPrincipal = { principal: "", encoded: new Uint8Array() };

function encodePrincipal(principal: string): Uint8Array {
  if (lastPrincipal.principal !== principal)
    lastPrincipal = { principal, encoded: toBinary(EventSchema, create(EventSchema, { principal })) };
  return lastPrincipal.encoded;
}

/** Encodes the content of an event and clears its other fields. */
export function takeContent(event: Event): Uint8Array {
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

export function factsOf(event: Event): EventFacts {
  const { type, severity, labels, environment, service, revision, actor, commit, commitTime, url } = event;
  const outcome = outcomeOf[event.outcome];
  const sendTime = event.sendTime && plainTime(event.sendTime);
  const commitTimeUs = commitTime && commitTimeOf(plainTime(commitTime));
  const names = { environment, service, revision, actor, commit, url };
  return { type, severity, labels, outcome, ...names, commitTimeUs, sendTime, principal: event.principal };
}

/** Converts a commit's time for heads; undefined outside the years in which whole microseconds are exact. */
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

/** Decodes the producer's fields from the stored form, without ids and server fields. */
export function decodeContent({ content, stamp }: Pick<NewEvent, "content" | "stamp">): Event {
  const event = fromBinary(EventSchema, content);
  const { sendTime, principal } = decodeStamp(stamp);
  if (sendTime !== undefined) event.sendTime = sendTime;
  event.principal = principal;
  return event;
}

/** Returns the facts of an event that the store needs. */
export function storedFacts(stored: Pick<NewEvent, "content" | "stamp">): EventFacts {
  return factsOf(withDefaults(stored));
}

function withDefaults(stored: Pick<NewEvent, "content" | "stamp">): Event {
  const event = decodeContent(stored);
  applyDefaults(event);
  return event;
}

/** Returns the facts, and the content as it would be stored now. */
export function restoredEvent(stored: Pick<NewEvent, "content" | "stamp">): Pick<NewEvent, "facts" | "content"> {
  const event = withDefaults(stored);
  return { facts: factsOf(event), content: takeContent(event) };
}

/** Returns what a stamp holds, for the history hash. */
export function readStamp(stamp: Uint8Array): Pick<EventFacts, "sendTime" | "principal"> {
  const { sendTime, principal } = decodeStamp(stamp);
  return { sendTime: sendTime && plainTime(sendTime), principal };
}

const nothingStamped = { sendTime: undefined, principal: "" };

/** Decodes a stamp: the producer's clock, if set, and who recorded the event. */
export function decodeStamp(stamp: Uint8Array): Pick<Event, "sendTime" | "principal"> {
  return stamp.length === 0 ? nothingStamped : fromBinary(EventSchema, stamp);
}

/** Names the differing fields of two contents, with today's defaults applied to both; `#99` is a field without a name. */
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

/** Collects the values of each unknown field, in order, by field number. */
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
