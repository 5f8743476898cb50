import {
  ExportEndSchema,
  type ExportedDeployment,
  ExportedDeploymentSchema,
  type ExportedEvent,
  ExportHeaderSchema,
  type ExportRecord,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { sourceOf } from "@activity-events/topic/topic-message";
import { fromBinary, type JsonValue, toJson } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";

/** A CloudEvent 1.0 in the JSON format; the names of its attributes are lower-case letters and digits. */
export type CloudEvent = Readonly<Record<string, string>> & { readonly data?: JsonValue };

/** Source of the lines that are of no deployment. */
export const storeSource = "//activityevents";
/** Source of the lines of deployments. */
export const deploymentsSource = "//activityevents/deployments";

/** Types of the lines that are no events. */
export const lineTypes = {
  header: "activityevents.export.header",
  deployment: "activityevents.export.deployment",
  end: "activityevents.export.end",
} as const;

const json = "application/json";

/** Makes the line of a record; an event's is of the deployment with this id. Throws if the event is none. */
export function exportLine({ record }: ExportRecord, deploymentId: string): CloudEvent {
  switch (record.case) {
    case "header":
      return lineOf("header", storeSource, lineTypes.header, toJson(ExportHeaderSchema, record.value));
    case "deployment":
      return deploymentLine(record.value);
    case "event":
      return eventLine(record.value, deploymentId);
    case "end":
      return lineOf("end", storeSource, lineTypes.end, toJson(ExportEndSchema, record.value));
    default:
      throw new Error("The service sent a record that this version does not know.");
  }
}

function lineOf(id: string, source: string, type: string, data: JsonValue): CloudEvent {
  return { specversion: "1.0", id, source, type, datacontenttype: json, data } as CloudEvent;
}

function deploymentLine(deployment: ExportedDeployment): CloudEvent {
  const data = toJson(ExportedDeploymentSchema, deployment);
  return lineOf(deployment.deploymentId, deploymentsSource, lineTypes.deployment, data);
}

/** The data is for readers: as on the topic. An import stores content and stamp. */
function eventLine(exported: ExportedEvent, deploymentId: string): CloudEvent {
  const { eventId, receiveTime, sequence, salt, historyHash, redaction, content, stamp } = exported;
  const event = eventOf(exported, deploymentId);
  return {
    specversion: "1.0",
    id: eventId,
    source: sourceOf(deploymentId),
    type: event.type,
    subject: deploymentId,
    time: timeOf(receiveTime),
    sequence: `${sequence}`,
    ...(event.traceParent === "" ? {} : { traceparent: event.traceParent }),
    ...withHex("historyhash", historyHash),
    ...withHex("salt", salt),
    ...withHex("commitment", redaction?.commitment),
    ...withHex("keyid", redaction?.keyId),
    ...withHex("contentmac", redaction?.contentMac),
    content: Buffer.from(content).toString("base64"),
    stamp: Buffer.from(stamp).toString("base64"),
    ...dataOf(event),
  } as CloudEvent;
}

function withHex(name: string, bytes: Uint8Array | undefined): Record<string, string> {
  return bytes === undefined || bytes.length === 0 ? {} : { [name]: Buffer.from(bytes).toString("hex") };
}

function timeOf(time: Timestamp | undefined): string {
  return time === undefined ? "" : toJson(TimestampSchema, time);
}

/** An event may have values without a JSON form, such as a time after the year 9999. */
function dataOf(event: Event): { readonly datacontenttype?: string; readonly data?: JsonValue } {
  try {
    return { datacontenttype: json, data: toJson(EventSchema, event) };
  } catch {
    return {};
  }
}

function eventOf(exported: ExportedEvent, deploymentId: string): Event {
  const { eventId, sequence, receiveTime, content, stamp, salt, redaction } = exported;
  const event = fromBinary(EventSchema, Buffer.concat([content, stamp]));
  // In the content, an older version kept producers' values under numbers that are now the server's fields.
  const { principal } = fromBinary(EventSchema, stamp);
  const commitment = redaction?.commitment ?? new Uint8Array();
  const name = `deployments/${deploymentId}/events/${eventId}`;
  return Object.assign(event, { name, eventId, deploymentId, sequence, receiveTime, salt, commitment, principal });
}
