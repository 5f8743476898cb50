import { type EventRequest, EventRequestSchema } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { create } from "@bufbuild/protobuf";
import { jsonMembers } from "./json-members.ts";

/**
 * Parses the ancestor's JSON (`{"id":1, "deployment_id":1, "message":"…"}`) as Go's encoding/json does: names match in any
 * case, unknown names are ignored, the last of equal names wins, null leaves a field unset, and a number is a plain integer
 * of its field's width. A timestamp must be valid but is dropped, because sending sets it. Returns undefined if invalid.
 */
export function eventRequestFromJson(text: string): EventRequest | undefined {
  const event = create(EventRequestSchema);
  if (text.trim() === "null") return event;
  const members = jsonMembers(text);
  if (members === undefined) return undefined;
  // Check every member: Go refuses a value of the wrong kind even if a later one of the same name is valid.
  return members.every(([name, source]) => source === "null" || setField(event, name, source)) ? event : undefined;
}

function setField(event: EventRequest, name: string, source: string): boolean {
  const isId = /^id$/iu.test(name);
  if (isId || /^deployment_id$/iu.test(name)) {
    if (!isInteger(source, 32)) return false;
    event[isId ? "id" : "deploymentId"] = Number(source) | 0;
  } else if (/^message$/iu.test(name)) {
    if (!source.startsWith('"')) return false;
    event.message = (JSON.parse(source) as string).toWellFormed();
  } else if (/^timestamp$/iu.test(name)) return isTimestamp(source);
  return true;
}

function isTimestamp(source: string): boolean {
  const members = jsonMembers(source);
  return members?.every(([name, value]) => !/^(?:send|receive)$/iu.test(name) || isInteger(value, 64)) ?? false;
}

// 1.0 and 1e0 are not integers in Go; only the text shows the difference.
function isInteger(source: string, bits: 32 | 64): boolean {
  if (source === "null") return true;
  return /^-?\d+$/.test(source) && BigInt.asIntN(bits, BigInt(source)) === BigInt(source);
}
