import { isDeepStrictEqual } from "node:util";
import {
  type EventRedactionSchema,
  ExportEndSchema,
  ExportedDeploymentSchema,
  ExportHeaderSchema,
  type ExportRecord,
  ExportRecordSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, fromJson, type JsonValue, type MessageInitShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { type CloudEvent, deploymentsSource, exportLine, lineTypes } from "../export/export-line.ts";
import { parseTimestamp } from "../text/timestamp.ts";

/** What a line holds, or the reason that it holds nothing. `deploymentId` is empty in lines of no deployment. */
export type ImportLine =
  | { readonly kind: "record"; readonly deploymentId: string; readonly record: ExportRecord }
  | { readonly kind: "bad"; readonly deploymentId: string; readonly problem: string };

/** A value that no export has. */
class LineFault extends Error {}

const eventSource = /^\/\/activityevents\/deployments\/([^/]+)$/;

/** Parses a line of an export. The record is made of what is stored; what is there for readers must agree with it. */
export function parseImportLine(text: string): ImportLine {
  let deploymentId = "";
  try {
    const line = parseObject(text);
    deploymentId = eventSource.exec(`${line.source}`)?.[1] ?? (line.source === deploymentsSource ? `${line.id}` : "");
    const record = recordOf(line);
    const said = differenceBetween(line, lineAgain(record, deploymentId));
    if (said !== undefined) throw new LineFault(said);
    return { kind: "record", deploymentId, record };
  } catch (error) {
    if (error instanceof LineFault) return { kind: "bad", deploymentId, problem: error.message };
    throw error;
  }
}

function parseObject(text: string): CloudEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LineFault(`invalid JSON: ${(error as Error).message}`);
  }
  const line = value as CloudEvent | null;
  if (typeof line !== "object" || line === null || line.specversion !== "1.0") {
    throw new LineFault("a line must be a CloudEvent with the specversion 1.0");
  }
  return line;
}

function recordOf(line: CloudEvent): ExportRecord {
  const { data = {} } = line;
  switch (line.type) {
    case lineTypes.header:
      return messageOf({ case: "header", value: fromData(() => fromJson(ExportHeaderSchema, data)) });
    case lineTypes.deployment:
      return messageOf({ case: "deployment", value: fromData(() => fromJson(ExportedDeploymentSchema, data)) });
    case lineTypes.end:
      return messageOf({ case: "end", value: fromData(() => fromJson(ExportEndSchema, data)) });
    default:
      return messageOf({ case: "event", value: eventOf(line) });
  }
}

function messageOf(record: MessageInitShape<typeof ExportRecordSchema>["record"]): ExportRecord {
  return create(ExportRecordSchema, record === undefined ? {} : { record });
}

function fromData<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new LineFault(`data: ${(error as Error).message}`);
  }
}

function eventOf(line: CloudEvent) {
  const redaction = line.commitment === undefined ? {} : { redaction: redactionOf(line) };
  return {
    eventId: textOf(line, "id"),
    sequence: sequenceOf(line),
    receiveTime: timeOf(line),
    historyHash: hexOf(line, "historyhash"),
    salt: hexOf(line, "salt"),
    content: base64Of(line, "content"),
    stamp: base64Of(line, "stamp"),
    ...redaction,
  };
}

function redactionOf(line: CloudEvent): MessageInitShape<typeof EventRedactionSchema> {
  return {
    commitment: hexOf(line, "commitment"),
    keyId: hexOf(line, "keyid"),
    contentMac: hexOf(line, "contentmac"),
  };
}

function textOf(line: CloudEvent, name: string): string {
  const text: unknown = line[name];
  if (typeof text !== "string") throw new LineFault(`${name} must be a text`);
  return text;
}

function sequenceOf(line: CloudEvent): bigint {
  const text = textOf(line, "sequence");
  if (!/^[1-9]\d{0,15}$/.test(text)) throw new LineFault("sequence must be an integer of at least 1");
  return BigInt(text);
}

function timeOf(line: CloudEvent): Timestamp {
  try {
    return parseTimestamp(textOf(line, "time"));
  } catch (error) {
    if (error instanceof LineFault) throw error;
    throw new LineFault(`time: ${(error as Error).message}`);
  }
}

/** Empty if there is none. */
function hexOf(line: CloudEvent, name: string): Uint8Array {
  if (line[name] === undefined) return new Uint8Array();
  const text = textOf(line, name);
  const bytes = Buffer.from(text, "hex");
  if (bytes.toString("hex") !== text) throw new LineFault(`${name} must be in hexadecimal`);
  return bytes;
}

function base64Of(line: CloudEvent, name: string): Uint8Array {
  const text = textOf(line, name);
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new LineFault(`${name} must be Base64`);
  return bytes;
}

function lineAgain(record: ExportRecord, deploymentId: string): CloudEvent {
  try {
    return exportLine(record, deploymentId);
  } catch (error) {
    throw new LineFault(`content and stamp must be encoded events: ${(error as Error).message}`);
  }
}

/** Attributes that an export may lack, or write otherwise, without meaning something else. */
const free = new Set(["data", "time", "datacontenttype"]);

function differenceBetween(line: CloudEvent, again: CloudEvent): string | undefined {
  const name = Object.keys(again).find((each) => !free.has(each) && line[each] !== again[each]);
  if (name !== undefined) return `${name} is not that of what is stored`;
  if (again.data === undefined || line.content === undefined) return undefined;
  const field = differingField(line.data, again.data);
  return field === undefined ? undefined : `data.${field} is not what content and stamp have`;
}

/** The greatest number of a field that the first version of the format knew: a file of it may lack later ones. */
const firstVersionNumberMax = 25;
const laterFields = new Set(
  EventSchema.fields.filter(({ number }) => number > firstVersionNumberMax).map(({ jsonName }) => jsonName),
);

/** Compares what the line shows to readers: who empties only that has emptied nothing. */
function differingField(data: JsonValue | undefined, again: JsonValue): string | undefined {
  const [shown, stored] = [data, again].map((value) => (value ?? {}) as Readonly<Record<string, JsonValue>>) as [
    Readonly<Record<string, JsonValue>>,
    Readonly<Record<string, JsonValue>>,
  ];
  const names = new Set([...Object.keys(stored), ...Object.keys(shown)]);
  for (const name of names) {
    if (isDeepStrictEqual(shown[name], stored[name])) continue;
    if (!(shown[name] === undefined && laterFields.has(name))) return name;
  }
  return undefined;
}
