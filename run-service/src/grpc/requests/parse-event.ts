import { type EventId, identifierRule, isEventId, type NewEvent } from "@activity-events/event-store";
import { type Event, EventSchema, Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, type JsonValue, toBinary } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { v7 as uuidv7 } from "uuid";
import { limits } from "../../limits.ts";
import { newEvent } from "../codec/event-codec.ts";
import { isTimestamp } from "../codec/times.ts";
import { fitsType, hasOutcome, saysSomething, textRules } from "./event-rules.ts";
import type { Violations } from "./violations.ts";

type TextField = keyof typeof textRules;

/** Notes each broken rule of the contract in an event, under its path. */
export function validateEvent(event: Event, path: string, violations: Violations): void {
  const at = (field: string) => `${path}.${field}`;
  if (event.eventId !== "" && !isEventId(event.eventId)) {
    violations.add(at("event_id"), `must be empty or ${identifierRule}; found ${violations.show(event.eventId)}`);
  }
  if (!saysSomething({ type: event.type, hasMessage: event.message !== "" })) {
    violations.add(at("message"), "one of message and type is required; both are empty");
  }
  for (const [name, { bytesMax, isValid, form }] of Object.entries(textRules)) {
    const field = at(EventSchema.field[name as TextField].name);
    const text = event[name as TextField];
    violations.checkBytes(field, text, bytesMax);
    if (text !== "" && !isValid(text)) violations.add(field, `must be ${form}; found ${violations.show(text)}`);
  }
  validateTime(at("send_time"), event.sendTime, violations);
  validateTime(at("commit_time"), event.commitTime, violations);
  validateOutcome(event, at, violations);
  violations.checkSeverity(at("severity"), event.severity);
  violations.checkLabels(at("labels"), event.labels);
  validateData(event, at("data"), violations);
}

/** Converts a valid event of a request to the stored form, with a new id if it has none. Notes an oversized one. */
export function toNewEvent(event: Event, path: string, violations: Violations): NewEvent {
  const fresh = newEvent(event, (event.eventId || uuidv7()) as EventId);
  const bytes = fresh.content.length + fresh.stamp.length;
  if (bytes > limits.eventBytesMax) {
    violations.add(path, `must be at most ${limits.eventBytesMax} bytes encoded; found ${bytes}`);
  }
  return fresh;
}

function validateTime(path: string, time: Timestamp | undefined, violations: Violations): void {
  if (time === undefined || isTimestamp(time)) return;
  const { seconds, nanos } = time;
  violations.add(
    path,
    `must be from the year 1 to 9999 with nanos from 0 to 999999999; found ${seconds} s and ${nanos} ns`,
  );
}

function validateOutcome({ type, outcome }: Event, at: (field: string) => string, violations: Violations): void {
  if (Outcome[outcome] === undefined) {
    violations.add(at("outcome"), `must be an Outcome of the contract; found ${outcome}`);
  } else if (!fitsType(outcome, type)) {
    violations.add(
      at("outcome"),
      hasOutcome(type)
        ? "is required when type is deployment.finished"
        : `must be unset unless type is deployment.finished; found ${Outcome[outcome]}`,
    );
  }
}

function validateData({ data }: Event, path: string, violations: Violations): void {
  if (data === undefined) return;
  const depth = depthOf(data);
  if (depth > limits.dataDepthMax) {
    violations.add(path, `must be at most ${limits.dataDepthMax} levels deep; found ${depth}`);
  }
  if (!hasFiniteNumbers(data)) violations.add(path, "must hold finite numbers only; found NaN or an infinity");
  // JSON readers print it as 0, which would be other content under the same id.
  if (hasNegativeZero(data)) violations.add(path, "must hold no negative zero; found -0");
  // The field's own tag and length take at most five bytes.
  const bytes = toBinary(EventSchema, create(EventSchema, { data })).length - 5;
  if (bytes > limits.dataBytesMax)
    violations.add(path, `must be at most ${limits.dataBytesMax} bytes encoded; found ${bytes}`);
}

function depthOf(value: JsonValue): number {
  if (value === null || typeof value !== "object") return 0;
  // One by one, because an array may have more items than a call may have arguments.
  let deepest = 0;
  for (const item of Object.values(value)) deepest = Math.max(deepest, depthOf(item as JsonValue));
  return 1 + deepest;
}

function hasFiniteNumbers(value: JsonValue): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (value === null || typeof value !== "object") return true;
  return Object.values(value).every((item) => hasFiniteNumbers(item as JsonValue));
}

function hasNegativeZero(value: JsonValue): boolean {
  if (value === null || typeof value !== "object") return Object.is(value, -0);
  return Object.values(value).some((item) => hasNegativeZero(item as JsonValue));
}
