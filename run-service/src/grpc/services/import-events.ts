import {
  ActivityEventsAdminService,
  type ImportEventsRequest,
  ImportEventsRequestSchema,
  ImportEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { create } from "@bufbuild/protobuf";
import type { EventImporter } from "../../application/event-importer.ts";
import { type ImportFrame, type ImportStream, outOfPlace } from "../../application/import-stream.ts";
import { refusalOf } from "../../application/refusal-of.ts";
import type { Call } from "../calls/method.ts";
import type { RequestMessages } from "../calls/request-messages.ts";
import { decodeMessage } from "../codec/decode-request.ts";
import { parseExportRecord } from "../requests/parse-export-record.ts";

const method = ActivityEventsAdminService.method.importEvents;

/** Yields what becomes of the records of an import, and reads its messages as fast as the store takes them. */
export async function* importEvents(requests: RequestMessages, call: Call, importer: EventImporter) {
  call.access.demandEverywhere("admin");
  const first = await nextMessage(requests);
  const { signal, revoked } = call;
  const stream = importer.open({ isDry: first?.dryRun ?? false, signal, revoked });
  try {
    takeMessages(first, requests, stream).catch((error) => stream.finish(refusalOf(error)));
    for await (const frame of stream.frames()) yield wireFrame(frame);
  } finally {
    call.count({ ...stream.counts });
  }
}

async function takeMessages(
  first: ImportEventsRequest | undefined,
  requests: RequestMessages,
  stream: ImportStream,
): Promise<void> {
  let line = 0;
  for (let message = first; message !== undefined; message = await nextMessage(requests)) {
    for (const record of message.records) {
      const told = Number(record.line);
      if (told !== 0 && told <= line) throw outOfPlace(told, `lines ascend; the one before is ${line}`);
      line = told === 0 ? line + 1 : told;
      if (!(await stream.room())) return;
      await stream.take(parseExportRecord(record, line), line);
    }
  }
  stream.finish(null);
}

async function nextMessage(requests: RequestMessages): Promise<ImportEventsRequest | undefined> {
  const bytes = await requests.next();
  if (bytes === undefined) return undefined;
  return decodeMessage(ImportEventsRequestSchema, bytes, { what: "message", method });
}

function wireFrame(frame: ImportFrame) {
  const line = BigInt(frame.line);
  if (frame.kind === "refusal") {
    const { deploymentId, sequence, what: description } = frame;
    const value = { line, deploymentId, sequence: BigInt(sequence), description };
    return create(ImportEventsResponseSchema, { frame: { case: "refusal", value } });
  }
  const { events, known, deployments, refused } = frame.counts;
  const value = {
    line,
    eventsImported: BigInt(events),
    eventsKnown: BigInt(known),
    deploymentsImported: BigInt(deployments),
    deploymentsRefused: BigInt(refused),
    complete: frame.isComplete,
  };
  return create(ImportEventsResponseSchema, { frame: { case: "progress", value } });
}
