import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { JsonFault } from "../text/parse-json.ts";
import type { Line } from "../text/read-lines.ts";
import { eventFromJson } from "./event-from-json.ts";

/** What a line turned out to be. */
export type ParsedLine =
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "blank" }
  | { readonly kind: "bad"; readonly problem: string };

/** Reads an event in proto JSON. */
export function parseEventLine(line: Line): ParsedLine {
  if (line.kind === "unreadable") return { kind: "bad", problem: line.problem };
  if (line.text.trim() === "") return { kind: "blank" };
  try {
    return { kind: "event", event: eventFromJson(line.text) };
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return { kind: "bad", problem: error.message };
  }
}
