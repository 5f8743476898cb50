import type { CreateEventResponse } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { ActivityEventsClient } from "../activity-events-client.ts";
import { ActivityEventsError } from "../activity-events-error.ts";
import type { EventLine } from "./event-line.ts";

/** What became of lines of the input. */
export type LineOutcome =
  | { readonly kind: "stored"; readonly line: EventLine; readonly result: CreateEventResponse }
  | { readonly kind: "refused"; readonly line: EventLine; readonly error: ActivityEventsError }
  /** Nobody knows whether these are stored; the lines after them were not sent. */
  | { readonly kind: "unanswered"; readonly lines: readonly EventLine[]; readonly error: ActivityEventsError };

/** What appending lines needs. */
export interface AppendLinesOptions {
  readonly client: ActivityEventsClient;
  readonly timeoutMs: number;
  /** Of one deployment, in order, at most what one BatchCreateEvents call takes. */
  readonly lines: readonly EventLine[];
}

/**
 * Appends the lines as one batch and tells of each in order. A batch is refused as a whole: it is halved until the lines
 * that are at fault stand alone, so that all others are stored.
 */
export async function* appendLines(options: AppendLinesOptions): AsyncGenerator<LineOutcome, void, undefined> {
  const { client, timeoutMs, lines } = options;
  const answered = await send(client, lines, timeoutMs);
  if (answered.kind === "stored") {
    for (const [index, line] of lines.entries()) {
      const result = answered.results[index];
      if (result !== undefined) yield { kind: "stored", line, result };
    }
    return;
  }
  const { error } = answered;
  const [line] = lines;
  if (!isAboutContent(error)) return yield { kind: "unanswered", lines, error };
  if (lines.length === 1 && line !== undefined) return yield { kind: "refused", line, error };
  const middle = Math.ceil(lines.length / 2);
  for (const half of [lines.slice(0, middle), lines.slice(middle)]) {
    for await (const outcome of appendLines({ ...options, lines: half })) {
      yield outcome;
      if (outcome.kind === "unanswered") return;
    }
  }
}

type Answered =
  | { readonly kind: "stored"; readonly results: readonly CreateEventResponse[] }
  | { readonly kind: "failed"; readonly error: ActivityEventsError };

async function send(client: ActivityEventsClient, lines: readonly EventLine[], timeoutMs: number): Promise<Answered> {
  const events = lines.map(({ event }) => event);
  const [event] = events;
  if (event === undefined) return { kind: "stored", results: [] };
  try {
    // A single event is named in a refusal without an index that means nothing to the reader.
    if (events.length === 1) return { kind: "stored", results: [await client.createEvent({ event }, { timeoutMs })] };
    const request = { deploymentId: event.deploymentId, events };
    return { kind: "stored", results: await client.batchCreateEvents(request, { timeoutMs }) };
  } catch (error) {
    if (error instanceof ActivityEventsError) return { kind: "failed", error };
    throw error;
  }
}

function isAboutContent({ code, reason }: ActivityEventsError): boolean {
  return code === "INVALID_ARGUMENT" || code === "ALREADY_EXISTS" || reason === "STORE_REFUSED";
}
