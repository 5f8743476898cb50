import {
  type EventId,
  identifierRule,
  isDeploymentId,
  isEventId,
  limits,
  type NewEvent,
} from "@activity-events/event-store";
import { type Event, EventSchema, Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, type JsonValue, toBinary } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { v7 as uuidv7 } from "uuid";
import { newEvent } from "../codec/event-codec.ts";
import { isTimestamp } from "../codec/times.ts";
import type { Violations } from "./violations.ts";

// The characters of RFC 3986.
const uriReference = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;
const traceParent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Whether the text is a URI reference of RFC 3986. */
export function isUriReference(text: string): boolean {
  return uriReference.test(text);
}

/** Whether the text is a W3C traceparent. */
export function isTraceParent(text: string): boolean {
  return traceParent.test(text);
}

/** Notes each rule of the contract that an event of a request breaks, under its path. */
export function validateEvent(event: Event, path: string, violations: Violations): void {
  const at = (field: string) => `${path}.${field}`;
  if (event.eventId !== "" && !isEventId(event.eventId)) {
    violations.add(at("event_id"), `must be empty or ${identifierRule}; found ${violations.show(event.eventId)}`);
  }
  if (event.type === "" && event.message === "") {
    violations.add(at("message"), "one of message and type is required; both are empty");
  }
  violations.checkBytes(at("message"), event.message, limits.textBytesMax);
  for (const field of ["type", "actor", "environment", "service", "revision", "commit"] as const) {
    violations.checkBytes(at(field), event[field], limits.stringBytesMax);
  }
  for (const field of ["source", "url"] as const) {
    violations.checkBytes(at(field), event[field], limits.uriBytesMax);
    if (!isUriReference(event[field])) {
      violations.add(at(field), `must be a URI reference (RFC 3986); found ${violations.show(event[field])}`);
    }
  }
  if (event.traceParent !== "" && !isTraceParent(event.traceParent)) {
    violations.add(
      at("trace_parent"),
      `must be a W3C traceparent such as 00-<32 hex>-<16 hex>-01; found ${violations.show(event.traceParent)}`,
    );
  }
  validateTime(at("send_time"), event.sendTime, violations);
  validateTime(at("commit_time"), event.commitTime, violations);
  validateOutcome(event, at, violations);
  violations.checkSeverity(at("severity"), event.severity);
  violations.checkLabels(at("labels"), event.labels);
  validateData(event, at("data"), violations);
}

/** Notes a deployment id that is missing or wrong. */
export function validateDeploymentId(deploymentId: string, field: string, violations: Violations): void {
  if (deploymentId === "") violations.add(field, "is required");
  else if (!isDeploymentId(deploymentId))
    violations.add(field, `must be ${identifierRule}; found ${violations.show(deploymentId)}`);
}

/** The valid event of a request in the form that stores keep; it gets an id if it has none. Notes one that is too large. */
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

function validateOutcome(event: Event, at: (field: string) => string, violations: Violations): void {
  const isFinished = event.type === "deployment.finished";
  if (Outcome[event.outcome] === undefined) {
    violations.add(at("outcome"), `must be an Outcome of the contract; found ${event.outcome}`);
  } else if (isFinished && event.outcome === Outcome.UNSPECIFIED) {
    violations.add(at("outcome"), "is required when type is deployment.finished");
  } else if (!isFinished && event.outcome !== Outcome.UNSPECIFIED) {
    violations.add(at("outcome"), `must be unset unless type is deployment.finished; found ${Outcome[event.outcome]}`);
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
  // One by one: an array may have more items than a call may have arguments.
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
