import {
  ActivityEventsAdminService,
  type ExportRecord,
  ExportRecordSchema,
  type ImportEventsResponse,
  type ImportProgress,
  type ImportRefusal,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import type { ServiceClient } from "@activity-events/testing/service-client";
import { clone, create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";

/** Token of the tests' admin. */
export const adminToken = "the-admin-token";
const headers = { authorization: `Bearer ${adminToken}` };

const { exportEvents, importEvents } = ActivityEventsAdminService.method;

/** All records of an export of the service. */
export async function exportAll(
  client: ServiceClient,
  request: MessageInitShape<typeof exportEvents.input> = {},
): Promise<ExportRecord[]> {
  return (await client.stream(exportEvents, request, { headers }).rest()).flatMap(({ records }) => records);
}

/** What an import answers, and its status. */
export interface ImportAnswer {
  readonly refusals: readonly ImportRefusal[];
  readonly progress: ImportProgress | undefined;
  readonly code: number;
  readonly details: string;
}

/** Imports records, so many a message. */
export async function importAll(
  client: ServiceClient,
  records: readonly ExportRecord[],
  { perMessage = 100, dryRun = false } = {},
): Promise<ImportAnswer> {
  const stream = client.bidi(importEvents, { headers });
  for (let at = 0; at < records.length; at += perMessage) {
    stream.send({ records: records.slice(at, at + perMessage), dryRun });
  }
  stream.finish();
  const answers: ImportEventsResponse[] = await collect(stream);
  const { code, details } = await stream.status;
  const frames = answers.map(({ frame }) => frame);
  return {
    refusals: frames.flatMap((frame) => (frame.case === "refusal" ? [frame.value] : [])),
    progress: frames.flatMap((frame) => (frame.case === "progress" ? [frame.value] : [])).at(-1),
    code,
    details,
  };
}

async function collect(stream: { next(): Promise<ImportEventsResponse> }): Promise<ImportEventsResponse[]> {
  const answers: ImportEventsResponse[] = [];
  try {
    for (;;) answers.push(await stream.next());
  } catch {
    // The status tells.
    return answers;
  }
}

/** The bytes of each record, to compare exports. */
export function bytesOf(records: readonly ExportRecord[]): string[] {
  return records.map((record) => Buffer.from(toBinary(ExportRecordSchema, record)).toString("hex"));
}

/** A copy of the records, of which the one that matches is changed. */
export function changed<Case extends ExportRecord["record"]["case"]>(
  records: readonly ExportRecord[],
  kind: Case,
  change: (value: Extract<ExportRecord["record"], { case: Case }>["value"]) => boolean,
): ExportRecord[] {
  let isDone = false;
  return records.map((record) => {
    const copy = clone(ExportRecordSchema, record);
    if (!isDone && copy.record.case === kind) isDone = change(copy.record.value as never);
    return copy;
  });
}

export function recordOf(record: MessageInitShape<typeof ExportRecordSchema>["record"]): ExportRecord {
  return create(ExportRecordSchema, record === undefined ? {} : { record });
}
