import {
  type EmptiedField,
  type ExportedHead,
  emptiedFields,
  type HistoryHash,
  type ImportedEvent,
  identifierRule,
  isDeploymentId,
  isEventId,
  type Redaction,
  redactionKeyOf,
  type Standing,
} from "@activity-events/event-store";
import type {
  EventRedaction,
  ExportedDeployment,
  ExportedEvent,
  ExportHeader,
  ExportRecord,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { DeploymentStanding } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { type ImportRecord, outOfPlace } from "../../application/import-stream.ts";
import { limits } from "../../limits.ts";
import { storedFacts } from "../codec/event-codec.ts";
import { exportFormatVersion } from "../codec/export-records.ts";
import { isReadableEvent } from "../codec/readable-store.ts";
import { Violations } from "./violations.ts";

/** A value that no export has, in words. */
class Misfit extends Error {}

/**
 * Parses a record of an import. What does not fit of a deployment or an event is told in the record, because the others go on. Throws a
 * Refusal for a record that nothing can follow.
 */
export function parseExportRecord({ record }: ExportRecord, line: number): ImportRecord {
  switch (record.case) {
    case "header":
      return parseHeader(record.value, line);
    case "deployment": {
      const { deploymentId } = record.value;
      if (!isDeploymentId(deploymentId)) {
        throw outOfPlace(line, `deployment_id must be ${identifierRule}; found ${new Violations().show(deploymentId)}`);
      }
      return orMisfit(
        () => ({ kind: "deployment", head: parseHead(record.value) }),
        (what) => ({ kind: "bad deployment", deploymentId, what }),
      );
    }
    case "event": {
      const sequence = Number(record.value.sequence);
      return orMisfit(
        () => ({ kind: "event", event: parseEvent(record.value) }),
        (what) => ({ kind: "bad event", sequence, what }),
      );
    }
    case "end":
      return { kind: "end", deployments: Number(record.value.deployments), events: Number(record.value.events) };
    default:
      throw outOfPlace(line, "is no record that this version knows");
  }
}

function orMisfit(parse: () => ImportRecord, misfit: (what: string) => ImportRecord): ImportRecord {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Misfit) return misfit(error.message);
    throw error;
  }
}

function parseHeader({ formatVersion, redactionKeys }: ExportHeader, line: number): ImportRecord {
  if (formatVersion !== exportFormatVersion) {
    throw outOfPlace(line, `format_version must be ${exportFormatVersion}; found ${formatVersion}`);
  }
  if (redactionKeys.some(({ secret }) => secret.length !== 32)) {
    throw outOfPlace(line, "each of redaction_keys must have a secret of 32 bytes");
  }
  return { kind: "header", keys: redactionKeys.map(({ secret }) => redactionKeyOf(secret)) };
}

function parseHead(record: ExportedDeployment): ExportedHead {
  const { deploymentId, createTime, updateTime } = record;
  const standing = standingOf[record.standing];
  if (standing === undefined) throw new Misfit(`standing ${record.standing} is unknown`);
  const headSequence = countOf("head_sequence", record.headSequence, 1);
  return {
    deploymentId: deploymentId as ExportedHead["deploymentId"],
    headSequence,
    historyHash: historyHashOf(record, headSequence),
    edits: countOf("edits", record.edits, 0),
    standing,
    emptied: record.emptiedFields.map(emptiedField),
    createTimeUs: timeUsOf("create_time", createTime),
    updateTimeUs: timeUsOf("update_time", updateTime),
  };
}

const standingOf: Readonly<Record<number, Standing | undefined>> = {
  [DeploymentStanding.UNSPECIFIED]: "kept",
  [DeploymentStanding.DELETED]: "deleted",
  [DeploymentStanding.PURGED]: "purged",
};

function historyHashOf(
  { historyHash, historyHashFrom }: ExportedDeployment,
  headSequence: number,
): HistoryHash | undefined {
  if (historyHash.length === 0 && historyHashFrom === 0n) return undefined;
  const from = countOf("history_hash_from", historyHashFrom, 1);
  if (from > headSequence) throw new Misfit("history_hash_from is above head_sequence");
  return { hash: bytesOf("history_hash", historyHash, 32), sequence: headSequence, from };
}

function emptiedField({ name }: { readonly name: string }): EmptiedField {
  const known = emptiedFields.find((field) => field === name);
  if (known === undefined) throw new Misfit(`emptied_fields has ${new Violations().show(name)}, which is none`);
  return known;
}

function parseEvent(record: ExportedEvent): ImportedEvent {
  const { eventId, content, stamp, salt, redaction, historyHash } = record;
  if (!isEventId(eventId)) throw new Misfit(`event_id must be ${identifierRule}`);
  const sequence = countOf("sequence", record.sequence, 1);
  const receiveTimeUs = timeUsOf("receive_time", record.receiveTime);
  if (content.length > limits.importedContentBytesMax || stamp.length > limits.importedContentBytesMax) {
    throw new Misfit(`content and stamp must be at most ${limits.importedContentBytesMax} bytes each`);
  }
  const parts = { eventId, sequence, receiveTimeUs, content, stamp, salt: bytesOf("salt", salt, redaction ? 0 : 16) };
  const facts = factsOf(parts);
  const { type, severity, labels } = facts;
  const stored = { ...parts, type, severity, labels, ...(redaction ? { redaction: redactionOf(redaction) } : {}) };
  return {
    stored,
    facts,
    historyHash: historyHash.length === 0 ? undefined : bytesOf("history_hash", historyHash, 32),
  };
}

function factsOf(stored: { readonly content: Uint8Array; readonly stamp: Uint8Array }): ImportedEvent["facts"] {
  if (!isReadableEvent(stored)) throw new Misfit("content or stamp is no encoded Event");
  return storedFacts(stored);
}

function redactionOf({ commitment, keyId, contentMac }: EventRedaction): Redaction {
  return {
    commitment: bytesOf("redaction.commitment", commitment, 32),
    keyId: bytesOf("redaction.key_id", keyId, 8),
    contentMac: bytesOf("redaction.content_mac", contentMac, 32),
  };
}

function bytesOf(field: string, bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new Misfit(`${field} must have ${length} bytes; found ${bytes.length}`);
  return bytes;
}

function countOf(field: string, value: bigint, min: number): number {
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < min) {
    throw new Misfit(`${field} must be from ${min} to ${Number.MAX_SAFE_INTEGER}; found ${value}`);
  }
  return count;
}

function timeUsOf(field: string, time: Timestamp | undefined): number {
  if (time === undefined) throw new Misfit(`${field} is missing`);
  const timeUs = Number(time.seconds) * 1_000_000 + time.nanos / 1_000;
  // No clock of a service has shown an earlier time, and readers get none.
  if (!Number.isSafeInteger(timeUs) || timeUs < 0) {
    throw new Misfit(`${field} must be in whole microseconds, from 1970 to 2255`);
  }
  return timeUs;
}
