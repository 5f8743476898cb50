import { setTimeout as sleep } from "node:timers/promises";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import type { EventIngester } from "../../application/event-ingester.ts";
import type { IngestNames, IngestStream } from "../../application/ingest-stream.ts";
import { Refusal } from "../../application/refusal.ts";
import { refusalOf } from "../../application/refusal-of.ts";
import type { Turns } from "../../application/turns.ts";
import type { Clock } from "../../clock.ts";
import { limits } from "../../limits.ts";
import type { CallAccess } from "../access/call-access.ts";
import type { Call } from "../calls/method.ts";
import type { RequestMessages } from "../calls/request-messages.ts";
import { decodeMessage } from "../codec/decode-request.ts";
import { encodeIngestEventsResponse } from "../codec/encode.ts";
import { IngestMessage } from "../codec/ingest-request.ts";
import { readPlainAppend } from "../codec/read-plain-append.ts";
import { cutText } from "../errors/cut-text.ts";
import { encodeStatus } from "../errors/status.ts";
import { unreadable } from "../errors/unreadable.ts";
import { parseAppend } from "../requests/parse-append.ts";

interface IngestEventsOptions {
  readonly ingester: EventIngester;
  readonly clock: Clock;
}

const method = ActivityEventsService.method.ingestEvents;

/** Yields the acknowledgements of a stream of events, and reads its messages as the window allows. */
export async function* ingestEvents(requests: RequestMessages, call: Call, { ingester, clock }: IngestEventsOptions) {
  const { deadlineMs: callerDeadlineMs, signal, revoked, access } = call;
  const ingest = ingester.open({
    callerDeadlineMs,
    signal,
    revoked,
    encodeRefusal: (refusal) => encodeStatus(access.shown(refusal)),
  });
  try {
    takeMessages(requests, ingest, { clock, access, turns: ingester.turns }).catch((error) =>
      ingest.finish(refusalOf(error)),
    );
    for await (const frame of ingest.frames()) yield encodeIngestEventsResponse(frame);
  } finally {
    call.count({ ...ingest.counts });
  }
}

interface TakeOptions {
  readonly clock: Clock;
  readonly access: CallAccess;
  readonly turns: Turns;
}

async function takeMessages(
  requests: RequestMessages,
  ingest: IngestStream,
  { clock, access, turns }: TakeOptions,
): Promise<void> {
  while (await ingest.room()) {
    const bytes = await requests.next();
    if (bytes === undefined) {
      ingest.finish(null);
      return;
    }
    const message = readMessage(bytes);
    const receiveTimeUs = clock();
    while (message.next()) {
      if (!ingest.hasRoom && !(await ingest.room())) return;
      takeEvent(bytes, message, ingest, { access, receiveTimeUs });
      const waitMs = access.pace();
      if (waitMs > 0) {
        await sleep(waitMs, undefined, { ref: false });
        if (ingest.isClosed) return;
      }
      if (turns.step()) await turns.next();
    }
  }
}

function readMessage(bytes: Buffer): IngestMessage {
  try {
    return new IngestMessage(bytes);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw unreadable(`the message is no encoded ${method.input.typeName}`, methodPath(method), error);
  }
}

interface TakeEventOptions {
  readonly access: CallAccess;
  readonly receiveTimeUs: number;
}

function takeEvent(
  bytes: Buffer,
  { start, end }: IngestMessage,
  ingest: IngestStream,
  { access, receiveTimeUs }: TakeEventOptions,
): void {
  let append = readPlainAppend(bytes, start, end, receiveTimeUs);
  if (append === undefined) {
    let names: IngestNames = { deploymentId: "", eventId: "" };
    try {
      const event = decodeMessage(EventSchema, bytes.subarray(start, end), { what: "event", method });
      names = { deploymentId: nameOf(event.deploymentId), eventId: nameOf(event.eventId) };
      append = parseAppend({ event }, receiveTimeUs);
    } catch (error) {
      ingest.takeRefused(refusalOf(error), names, end - start);
      return;
    }
  }
  const { deploymentId, events } = append;
  try {
    append = access.authorized(append);
  } catch (error) {
    ingest.takeRefused(refusalOf(error), { deploymentId, eventId: events[0]?.eventId ?? "" }, end - start);
    return;
  }
  ingest.take(append, end - start);
}

/** Truncates an id as sent, possibly invalid, for an acknowledgement. */
function nameOf(id: string): string {
  return cutText(id, limits.acknowledgedIdBytesMax);
}
