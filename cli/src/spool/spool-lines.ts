import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { JsonValue } from "@bufbuild/protobuf";
import { parseEventLine } from "../add/event-line.ts";
import type { Context } from "../contexts/context.ts";
import { ContextsFault, parseConnection } from "../contexts/parse-contexts.ts";
import { jsonLine } from "../output/json-line.ts";
import { JsonFault, parseJson } from "../text/parse-json.ts";
import type { Line } from "../text/read-lines.ts";

/** Version of the format. A file of a later one is left alone. */
const version = 1;

/** First line of a file: what its events are for. */
export interface SpoolHead {
  /** Connection to the service, as a context names it. */
  readonly service: Context;
  /** Deployment of all events. */
  readonly deploymentId: string;
  /** Set if not a run wrote them, which is expected to end. */
  readonly by?: "add";
}

/** Kinds of first lines. */
export type HeadLine =
  | { readonly kind: "head"; readonly head: SpoolHead }
  /** A later version of this program wrote the file. */
  | { readonly kind: "newer"; readonly version: number }
  | { readonly kind: "damaged"; readonly problem: string };

/** Formats the first line. */
export function headLine({ service, deploymentId, by }: SpoolHead): string {
  return `${JSON.stringify({ spoolVersion: version, service, deploymentId, by })}\n`;
}

/** Parses the first line. */
export function parseHeadLine(line: Line): HeadLine {
  if (line.kind === "unreadable") return { kind: "damaged", problem: line.problem };
  try {
    const { spoolVersion, service, deploymentId, by } = membersOf(parseJson(line.text));
    if (typeof spoolVersion !== "number") return { kind: "damaged", problem: "it does not begin with a version" };
    if (spoolVersion > version) return { kind: "newer", version: spoolVersion };
    if (typeof deploymentId !== "string") return { kind: "damaged", problem: "its first line names no deployment" };
    const head = { service: parseConnection("service", service ?? null), deploymentId };
    return { kind: "head", head: by === "add" ? { ...head, by } : head };
  } catch (error) {
    if (!(error instanceof JsonFault || error instanceof ContextsFault)) throw error;
    return { kind: "damaged", problem: error.message };
  }
}

/** Formats an event, as `add` reads it from standard input. */
export function eventLine(event: Event): string {
  return `${jsonLine(EventSchema, event)}\n`;
}

/** Parses a line behind the first; a text if it holds no event. */
export function parseSpooledEvent(line: Line): Event | { readonly problem: string } {
  const parsed = parseEventLine(line);
  if (parsed.kind === "event") return parsed.event;
  return { problem: parsed.kind === "bad" ? parsed.problem : "a line without an event" };
}

/** Formats an event that the service refused, or a line that holds none, with the reason. */
export function refusedLine(refused: Event | { readonly line: string }, reason: string): string {
  const what = "line" in refused ? { line: refused.line } : { event: JSON.parse(jsonLine(EventSchema, refused)) };
  return `${JSON.stringify({ reason, ...what })}\n`;
}

function membersOf(value: JsonValue): Readonly<Record<string, JsonValue>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
