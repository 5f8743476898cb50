import type { ExportedHead, HistoryHash, Redaction, StoredEvent } from "@activity-events/event-store";
import {
  ExportEventsResponseSchema,
  type ExportRecordSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { DeploymentStanding } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { ExportRecord } from "../../application/export-record.ts";
import { timestampOf } from "./times.ts";

/** Version of the records. A record that older programs would misread needs another. */
export const exportFormatVersion = 1;

type RecordInit = NonNullable<MessageInitShape<typeof ExportRecordSchema>["record"]>;

/** Makes the contract's message of a batch of records. */
export function wireExportRecords(records: readonly ExportRecord[]) {
  return create(ExportEventsResponseSchema, { records: records.map((record) => ({ record: wireRecord(record) })) });
}

function wireRecord(record: ExportRecord): RecordInit {
  switch (record.kind) {
    case "header": {
      const redactionKeys = record.keys.map(({ secret }) => ({ secret }));
      return { case: "header", value: { formatVersion: exportFormatVersion, redactionKeys } };
    }
    case "deployment":
      return { case: "deployment", value: wireHead(record.head) };
    case "event":
      return { case: "event", value: wireEvent(record.stored, record.historyHash) };
    case "end":
      return { case: "end", value: { deployments: BigInt(record.deployments), events: BigInt(record.events) } };
  }
}

type InitOf<Case> =
  Extract<RecordInit, { readonly case: Case }> extends { readonly value: infer Value } ? Value : never;

function wireHead(head: ExportedHead): InitOf<"deployment"> {
  return {
    deploymentId: head.deploymentId,
    headSequence: BigInt(head.headSequence),
    ...wireHistory(head.historyHash),
    edits: BigInt(head.edits),
    standing: wireStanding[head.standing],
    emptiedFields: head.emptied.map((name) => ({ name })),
    createTime: timestampOf(head.createTimeUs),
    updateTime: timestampOf(head.updateTimeUs),
  };
}

function wireHistory(historyHash: HistoryHash | undefined) {
  if (historyHash === undefined) return {};
  return { historyHash: historyHash.hash, historyHashFrom: BigInt(historyHash.from) };
}

const wireStanding: Readonly<Record<ExportedHead["standing"], DeploymentStanding>> = {
  kept: DeploymentStanding.UNSPECIFIED,
  deleted: DeploymentStanding.DELETED,
  purging: DeploymentStanding.PURGED,
  purged: DeploymentStanding.PURGED,
};

function wireEvent(stored: StoredEvent, historyHash: Uint8Array | undefined): InitOf<"event"> {
  const { eventId, sequence, receiveTimeUs, content, stamp, salt, redaction } = stored;
  return {
    eventId,
    sequence: BigInt(sequence),
    receiveTime: timestampOf(receiveTimeUs),
    content,
    stamp,
    salt,
    ...(redaction === undefined ? {} : { redaction: wireRedaction(redaction) }),
    ...(historyHash === undefined ? {} : { historyHash }),
  };
}

function wireRedaction({ commitment, keyId, contentMac }: Redaction) {
  return { commitment, keyId, contentMac };
}
