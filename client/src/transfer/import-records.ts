import {
  ActivityEventsAdminService,
  type ExportRecord,
  type ImportEventsRequest,
  ImportEventsRequestSchema,
  type ImportEventsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { methodDefinition } from "@activity-events/proto/service-definition";
import { create, type DescMethod } from "@bufbuild/protobuf";
import { type Client, type ClientDuplexStream, Metadata } from "@grpc/grpc-js";
import { ActivityEventsError } from "../activity-events-error.ts";
import { decodeError } from "../calls/decode-error.ts";
import { limits } from "../limits.ts";

/** Answer of an import: `progress` or `refusal`. */
export type ImportFrame = Exclude<ImportEventsResponse["frame"], { case: undefined }>;

/** Options of an import. */
export interface ImportOptions {
  /** Checks only. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal | undefined;
}

type ImportCall = ClientDuplexStream<ImportEventsRequest, ImportEventsResponse>;

/**
 * Sends the records of an export, as fast as the service takes them, and yields its answers. Throws the error of the source, if any, once
 * the service has answered what came before it; else an `ActivityEventsError`.
 */
export async function* importRecords(
  channel: Client,
  records: AsyncIterable<ExportRecord>,
  { dryRun = false, signal }: ImportOptions,
): AsyncGenerator<ImportFrame, void, undefined> {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(
    ActivityEventsAdminService.method.importEvents as DescMethod,
  );
  const call = channel.makeBidiStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    new Metadata(),
    {},
  ) as unknown as ImportCall;
  const over = new AbortController();
  let fault: { readonly error: unknown } | undefined;
  call.on("error", () => over.abort());
  const giveUp = () => {
    call.destroy(new ActivityEventsError({ code: "CANCELLED", message: "The import was given up." }));
    call.cancel();
  };
  signal?.addEventListener("abort", giveUp);
  if (signal?.aborted) giveUp();
  send(call, messagesOf(records, dryRun), over.signal).catch((error: unknown) => {
    fault = { error };
    // Without the end the service refuses what it was sent as cut short, after it has answered it.
    call.end();
  });
  try {
    for await (const { frame } of call as AsyncIterable<ImportEventsResponse>)
      if (frame.case !== undefined) yield frame;
  } catch (error) {
    throw fault?.error ?? decodeError(error);
  } finally {
    over.abort();
    signal?.removeEventListener("abort", giveUp);
    call.cancel();
  }
  if (fault !== undefined) throw fault.error;
}

async function send(call: ImportCall, messages: AsyncIterable<ImportEventsRequest>, over: AbortSignal): Promise<void> {
  for await (const message of messages) {
    if (over.aborted) return;
    // Called when HTTP/2 has taken the message, or the call is over.
    await new Promise<void>((resolve) => {
      const done = () => {
        // A listener that stayed would keep its message.
        over.removeEventListener("abort", done);
        resolve();
      };
      over.addEventListener("abort", done);
      call.write(message, done);
    });
    if (over.aborted) return;
  }
  call.end();
}

/** Packs records into messages, each as soon as it is full. */
async function* messagesOf(
  records: AsyncIterable<ExportRecord>,
  dryRun: boolean,
): AsyncGenerator<ImportEventsRequest, void, undefined> {
  let packed: ExportRecord[] = [];
  let bytes = 0;
  let fault: { readonly error: unknown } | undefined;
  try {
    for await (const record of records) {
      packed.push(record);
      bytes += sizeOf(record);
      if (packed.length < limits.importMessageRecords && bytes < limits.importMessageBytes) continue;
      yield create(ImportEventsRequestSchema, { records: packed, dryRun });
      packed = [];
      bytes = 0;
    }
  } catch (error) {
    fault = { error };
  }
  yield create(ImportEventsRequestSchema, { records: packed, dryRun });
  if (fault !== undefined) throw fault.error;
}

function sizeOf({ record }: ExportRecord): number {
  if (record.case !== "event") return recordBytes;
  return record.value.content.length + record.value.stamp.length + recordBytes;
}

/** Encoded bytes of a record beside an event's content, about. */
const recordBytes = 300;
