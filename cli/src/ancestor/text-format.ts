import type { EventRequest, Timestamp } from "@activity-events/proto/activityevents/activity_events_pb.js";

/**
 * Formats an event in the compact text format of golang/protobuf 1.3, byte for byte: zero values are absent, strings are
 * escaped as bytes, and a space follows every field, including the last.
 */
export function textFormat({ id, message, timestamp, deploymentId }: EventRequest): string {
  return [
    field("id", id),
    message === "" ? "" : `message:"${escapeBytes(message)}" `,
    timestamp === undefined ? "" : `timestamp:<${timestampText(timestamp)}> `,
    field("deployment_id", deploymentId),
  ].join("");
}

function timestampText({ send, receive }: Timestamp): string {
  return field("send", send) + field("receive", receive);
}

function field(name: string, value: number | bigint): string {
  return Number(value) === 0 ? "" : `${name}:${value} `;
}

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

function escapeBytes(text: string): string {
  // Latin-1 makes one character of each byte.
  return Buffer.from(text, "utf8")
    .toString("latin1")
    .replace(/[^ !#-[\]-~]/g, (byte) => short[byte] ?? `\\${byte.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
