import {
  ActivityEventsAdminService,
  ExportEventsRequestSchema,
  type ExportRecord,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@grpc/grpc-js";
import { serverStream } from "../calls/server-stream.ts";

/** What to export; unset exports all. */
export type ExportRequest = Omit<MessageInitShape<typeof ExportEventsRequestSchema>, "$typeName" | "$unknown">;

/** Reads the records of one export at the reader's pace. An export without its `end` is not whole. */
export async function* exportRecords(
  channel: Client,
  request: ExportRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExportRecord, void, undefined> {
  const answers = serverStream(
    channel,
    ActivityEventsAdminService.method.exportEvents,
    create(ExportEventsRequestSchema, request),
    // A long deployment is read twice before its first record is sent. The channel notices a dead connection.
    { silenceMaxMs: () => "unbounded", signal },
  );
  for await (const { records } of answers) yield* records;
}
