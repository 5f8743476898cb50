import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { fromJsonString, toBinary } from "@bufbuild/protobuf";
import { fillEventId } from "../fill-event-id.ts";
import type { Line } from "./read-lines.ts";

/** A line of the input and the event that it holds. */
export interface EventLine {
  readonly number: number;
  readonly event: Event;
  /** Encoded. */
  readonly bytes: number;
}

/** What a line turned out to be. */
export type ParsedLine =
  | { readonly kind: "event"; readonly line: EventLine }
  | { readonly kind: "blank" }
  | { readonly kind: "bad"; readonly number: number; readonly problem: string };

/** Reads an event in proto JSON, and gives it an id if it has none. */
export function parseEventLine(line: Line): ParsedLine {
  const { number } = line;
  if (line.kind === "unreadable") return { kind: "bad", number, problem: line.problem };
  if (line.text.trim() === "") return { kind: "blank" };
  try {
    const event = fillEventId(fromJsonString(EventSchema, line.text));
    return { kind: "event", line: { number, event, bytes: toBinary(EventSchema, event).length } };
  } catch (error) {
    return { kind: "bad", number, problem: error instanceof Error ? error.message : String(error) };
  }
}
