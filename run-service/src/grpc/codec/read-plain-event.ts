import {
  type DeploymentId,
  type EventFacts,
  type EventId,
  factsBeside,
  isDeploymentId,
  isEventId,
  type NewEvent,
  newSalt,
  type SendTime,
} from "@activity-events/event-store";
import { EventSchema, Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { fitsType, saysSomething, type TextRule, textRules } from "../requests/event-rules.ts";
import { CanonicalFields } from "./canonical-fields.ts";
import { outcomeOf } from "./enums.ts";
import { commitTimeOf, defaultSeverity, defaultType } from "./event-codec.ts";

/** A valid event in the stored form, with the ids from the producer. */
export interface PlainEvent extends Omit<NewEvent, "eventId"> {
  readonly deploymentId: DeploymentId;
  /** Undefined if the server must make one. */
  readonly eventId: EventId | undefined;
}

type Facts = { -readonly [Name in keyof EventFacts]: EventFacts[Name] };

/** Parts of an event; three parts of the request's bytes make its content. */
class Found {
  deploymentId: DeploymentId | undefined;
  eventId: EventId | undefined;
  facts = newFacts();
  outcome = Outcome.UNSPECIFIED;
  hasMessage = false;
  stamp = noStamp;
  /** Type and outcome. */
  readonly head = new Part();
  /** Severity and message. */
  readonly middle = new Part();
  /** Fields after the times. */
  readonly tail = new Part();

  /** Clears the previous event. */
  clear(): void {
    this.deploymentId = undefined;
    this.eventId = undefined;
    this.facts = newFacts();
    this.outcome = Outcome.UNSPECIFIED;
    this.hasMessage = false;
    this.stamp = noStamp;
    this.head.clear();
    this.middle.clear();
    this.tail.clear();
  }
}

class Part {
  start = 0;
  end = 0;

  take(fields: CanonicalFields): void {
    this.start ||= fields.start;
    this.end = fields.end;
  }

  clear(): void {
    this.start = 0;
    this.end = 0;
  }
}

const newFacts = (): Facts => factsBeside({ type: "", severity: Severity.UNSPECIFIED, labels: noLabels });

const { field } = EventSchema;
const noLabels: EventFacts["labels"] = {};
const noStamp: NewEvent["stamp"] = new Uint8Array();
const nothing = Buffer.alloc(0);
const defaultTypeField = Buffer.from([(field.type.number << 3) | 2, defaultType.length, ...Buffer.from(defaultType)]);
const defaultSeverityField = Buffer.from([
  field.severity.number << 3,
  (defaultSeverity & 0x7f) | 0x80,
  defaultSeverity >> 7,
]);

/** Takes one field; returns false if it is invalid or not plain. */
type FieldReader = (found: Found, fields: CanonicalFields) => boolean;

/** Checks a text of which only the bytes are needed. */
const checked =
  ({ bytesMax, isValid }: TextRule): FieldReader =>
  (found, fields) => {
    found.tail.take(fields);
    if (!fields.hasLength || fields.value === 0 || fields.value > bytesMax) return false;
    const text = fields.text();
    return text !== undefined && isValid(text);
  };

/** Checks a text that is also a fact. */
const fact =
  (name: "environment" | "service" | "revision" | "actor" | "commit" | "url"): FieldReader =>
  (found, fields) => {
    const { bytesMax, isValid } = textRules[name];
    found.tail.take(fields);
    if (!fields.hasLength || fields.value > bytesMax) return false;
    const text = fields.text() ?? "";
    found.facts[name] = text;
    return text !== "" && isValid(text);
  };

const readers: readonly (FieldReader | undefined)[] = Object.assign([], {
  [field.eventId.number]: (found, fields) => {
    const text = fields.text() ?? "";
    if (!fields.hasLength || !isEventId(text)) return false;
    found.eventId = text;
    return true;
  },
  [field.deploymentId.number]: (found, fields) => {
    const text = fields.text() ?? "";
    if (!fields.hasLength || !isDeploymentId(text)) return false;
    found.deploymentId = text;
    return true;
  },
  [field.type.number]: (found, fields) => {
    found.head.take(fields);
    if (!fields.hasLength || fields.value > textRules.type.bytesMax) return false;
    found.facts.type = fields.text() ?? "";
    return found.facts.type !== "" && textRules.type.isValid(found.facts.type);
  },
  [field.outcome.number]: (found, fields) => {
    found.head.take(fields);
    found.outcome = fields.value;
    return !fields.hasLength && Outcome[fields.value] !== undefined;
  },
  [field.severity.number]: (found, fields) => {
    found.middle.take(fields);
    found.facts.severity = fields.value;
    return !fields.hasLength && Severity[fields.value] !== undefined;
  },
  [field.message.number]: (found, fields) => {
    found.middle.take(fields);
    found.hasMessage = true;
    return fields.hasLength && fields.value > 0 && fields.value <= textRules.message.bytesMax && fields.isText();
  },
  [field.sendTime.number]: (found, fields) => {
    found.stamp = fields.copy();
    found.facts.sendTime = fields.hasLength ? plainTimestamp(fields.inside()) : undefined;
    return found.facts.sendTime !== undefined;
  },
  [field.source.number]: checked(textRules.source),
  [field.actor.number]: fact("actor"),
  [field.environment.number]: fact("environment"),
  [field.service.number]: fact("service"),
  [field.revision.number]: fact("revision"),
  [field.commit.number]: fact("commit"),
  [field.url.number]: fact("url"),
  [field.traceParent.number]: checked(textRules.traceParent),
  [field.commitTime.number]: (found, fields) => {
    found.tail.take(fields);
    const time = fields.hasLength ? plainTimestamp(fields.inside()) : undefined;
    found.facts.commitTimeUs = time === undefined ? undefined : commitTimeOf(time);
    return time !== undefined;
  },
} satisfies Record<number, FieldReader>);

/**
 * Reads a plain event, as most are, straight from the request's bytes: valid, in our encoder's canonical form, without
 * labels, data, server fields and unknown fields. Returns the result of `newEvent` at an eighth of the cost. Returns
 * undefined for any other event; the general path then names its faults.
 */
export function readPlainEvent(bytes: Buffer, start: number, end: number): PlainEvent | undefined {
  const fields = new CanonicalFields(bytes, start, end);
  found.clear();
  while (fields.next()) {
    if (readers[fields.number]?.(found, fields) !== true) return undefined;
  }
  const { deploymentId, eventId, facts, outcome, stamp } = found;
  if (!fields.isComplete || deploymentId === undefined || !isWhole(found)) return undefined;
  const content = contentOf(bytes, found);
  facts.type ||= defaultType;
  facts.severity ||= defaultSeverity;
  facts.outcome = outcomeOf[outcome];
  return { deploymentId, eventId, facts, content, stamp, salt: newSalt() };
}

// Reused for each event.
const found = new Found();

/** Checks the rules that involve several fields. */
function isWhole({ facts: { type }, hasMessage, outcome }: Found): boolean {
  return saysSomething({ type, hasMessage }) && fitsType(outcome, type);
}

/** Concatenates the parts, with the defaults in their places. */
function contentOf(bytes: Buffer, { facts, head, middle, tail }: Found): Uint8Array {
  const first = facts.type === "" ? defaultTypeField : nothing;
  const second = facts.severity === Severity.UNSPECIFIED ? defaultSeverityField : nothing;
  // From Node's buffer pool: a separate buffer per event would cost the collector more than everything else here.
  const content = Buffer.allocUnsafe(
    first.length + head.end - head.start + second.length + middle.end - middle.start + tail.end - tail.start,
  );
  let at = first.copy(content);
  at += bytes.copy(content, at, head.start, head.end);
  at += second.copy(content, at);
  at += bytes.copy(content, at, middle.start, middle.end);
  bytes.copy(content, at, tail.start, tail.end);
  return content;
}

/** Reads a time from 1970 to the year 9999; returns undefined if it is invalid or in another form. */
function plainTimestamp(fields: CanonicalFields): SendTime | undefined {
  let [seconds, nanos] = [0, 0];
  while (fields.next()) {
    const isSeconds = fields.number === TimestampSchema.field.seconds.number;
    if (fields.number > 2 || fields.hasLength || fields.value > (isSeconds ? 253_402_300_799 : 999_999_999))
      return undefined;
    if (isSeconds) seconds = fields.value;
    else nanos = fields.value;
  }
  return fields.isComplete ? { seconds, nanos } : undefined;
}
