import { type EventRequest, EventRequestSchema } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { create } from "@bufbuild/protobuf";

/**
 * Reads an event from the ancestor's JSON (`{"id":1, "deployment_id":1, "message":"…"}`) as Go's encoding/json does:
 * names in any case, unknown ones ignored, null leaves a field alone, and a number is a plain integer of 32 bits. The
 * timestamp is not read, since sending sets it. Returns undefined for anything else.
 */
export function eventRequestFromJson(text: string): EventRequest | undefined {
  const value = parse(text);
  if (value === null) return create(EventRequestSchema);
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const event = create(EventRequestSchema);
  for (const [name, field] of Object.entries(value)) {
    if (!setField(event, name.toLowerCase(), field)) return undefined;
  }
  return event;
}

function setField(event: EventRequest, name: string, value: unknown): boolean {
  if (value === null) return true;
  if (name === "message") {
    if (typeof value !== "string") return false;
    event.message = value.toWellFormed();
  }
  if (name === "id" || name === "deployment_id") {
    if (!isInt32(value)) return false;
    event[name === "id" ? "id" : "deploymentId"] = value;
  }
  return name !== "timestamp" || (typeof value === "object" && !Array.isArray(value));
}

function isInt32(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, plainIntegers);
  } catch {
    return undefined;
  }
}

// 1.0 and 1e0 are no integers in Go; only the text still shows the difference.
function plainIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "number" && /[.e]/i.test(context?.source ?? "") ? Number.NaN : value;
}
