import { commitmentOf, purgedType, redactedType, type StoredEvent } from "@activity-events/event-store";
import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, toBinary } from "@bufbuild/protobuf";
import type { EmptiedEvent } from "../../application/deployment-editor.ts";
import { decodeContent, factsOf, storedFacts, takeContent } from "./event-codec.ts";

const kept = ["type", "outcome", "severity"] as const;
const lostWithAllFields = ["environment", "service", "revision", "commit", "commitTime"] as const;
const lost = ["message", "data", "labels", "actor", "url", "source", "traceParent"] as const;

/** Types of the events that say what was redacted or purged: their data must stay readable. */
const noticeTypes: readonly string[] = [redactedType, purgedType];

/** Empties a stored event. Throws the decoder's error. */
export function emptyEvent(stored: StoredEvent, allFields: boolean): EmptiedEvent {
  const event = decodeContent(stored);
  const isNotice = noticeTypes.includes(event.type);
  const staying = [...kept, ...(allFields ? [] : lostWithAllFields), ...(isNotice ? (["data"] as const) : [])];
  const going = [...lost, ...(allFields ? lostWithAllFields : [])].filter((name) => !isNotice || name !== "data");
  const values = Object.fromEntries(staying.map((name) => [name, event[name]]));
  const left = create(EventSchema, values);
  left.principal = allFields ? "" : event.principal;
  const stamp =
    event.principal === left.principal
      ? stored.stamp
      : toBinary(EventSchema, create(EventSchema, { sendTime: event.sendTime }));
  const facts = { ...factsOf(left), sendTime: storedFacts(stored).sendTime };
  const fields = [
    ...going.filter((name) => isSet(event[name])).map((name) => EventSchema.field[name].name),
    ...(event.principal === left.principal ? [] : [EventSchema.field.principal.name]),
    ...new Set((event.$unknown ?? []).map(({ no }) => `#${no}`)),
  ];
  return { left: { facts, content: takeContent(left), stamp }, fields };
}

/** Returns what a redaction would make of an event, as readers see it. */
export function previewOf(stored: StoredEvent, { left: { facts, content, stamp } }: EmptiedEvent): StoredEvent {
  const { type, severity, labels } = facts;
  const { sendTime, principal } = storedFacts(stored);
  const redaction = stored.redaction ?? {
    commitment: commitmentOf({ ...stored, sendTime, principal }),
    keyId: nothing,
    contentMac: nothing,
  };
  return { ...stored, type, severity, labels, content, stamp, salt: nothing, redaction };
}

const nothing = new Uint8Array();

function isSet(value: Event[(typeof lost)[number] | (typeof lostWithAllFields)[number]]): boolean {
  return value !== undefined && (typeof value === "string" ? value !== "" : Object.keys(value).length > 0);
}
