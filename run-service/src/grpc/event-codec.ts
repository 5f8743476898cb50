import { isDeepStrictEqual } from "node:util";
import type { NewEvent } from "@activity-events/event-store";
import { type Event, EventSchema, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, fromBinary, type JsonObject, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { outcomeOf } from "./enums.ts";

// What is no content: the names, the server's own fields, and what a retry may set anew.
const notContent: ReadonlySet<string> = new Set([
  "name",
  "event_id",
  "deployment_id",
  "sequence",
  "send_time",
  "receive_time",
]);
const contentFields = EventSchema.fields.filter((field) => !notContent.has(field.name));

/** What an event is when its producer does not say. */
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
  Object.assign(event, {
    name: "",
    eventId: "",
    deploymentId: "",
    sequence: 0n,
    sendTime: undefined,
    receiveTime: undefined,
  });
  event.labels = sortKeys(event.labels) as Event["labels"];
  if (event.data !== undefined) event.data = sortKeys(event.data) as JsonObject;
  const { type, severity, labels, environment, service, revision } = event;
  const facts = { type, severity, labels, outcome: outcomeOf[event.outcome], environment, service, revision };
  return { eventId, facts, content: toBinary(EventSchema, event), stamp };
}

function encodeStamp(sendTime: NonNullable<Event["sendTime"]>): Uint8Array {
  return toBinary(EventSchema, create(EventSchema, { sendTime }));
}

/** What a producer set, from its stored form; the names and the server's own fields are not in it. */
export function decodeContent({ content, stamp }: Pick<NewEvent, "content" | "stamp">): Event {
  const event = fromBinary(EventSchema, content);
  if (stamp.length > 0) event.sendTime = decodeSendTime(stamp);
  return event;
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

// Key order is no content; fromEntries keeps a key such as `__proto__` a key.
function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== "object") return value;
  const keys = Object.keys(value);
  return Object.fromEntries(keys.sort().map((key) => [key, sortKeys(value[key] as JsonValue)]));
}
