import {
  type ErrorReason,
  ErrorReasonSchema,
  error_domain,
} from "@activity-events/proto/activityevents/v1/error_reason_pb.js";
import {
  BadRequest_FieldViolationSchema,
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@activity-events/proto/google/rpc/error_details_pb.js";
import { type Status, StatusSchema } from "@activity-events/proto/google/rpc/status_pb.js";
import { create, getOption, toBinary } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import type { Refusal, RefusalReason, Violation } from "../../application/refusal.ts";
import { limits } from "../../limits.ts";
import { durationOfMs } from "../codec/times.ts";
import { cutText } from "./cut-text.ts";

/** Status of each reason of the contract; a new reason does not compile until it has a row. */
const codeOf: Readonly<Record<Exclude<keyof typeof ErrorReason, "UNSPECIFIED">, status>> = {
  REQUEST_INVALID: status.INVALID_ARGUMENT,
  REQUEST_UNREADABLE: status.INVALID_ARGUMENT,
  REQUEST_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  METHOD_UNKNOWN: status.UNIMPLEMENTED,
  PAGE_TOKEN_INVALID: status.INVALID_ARGUMENT,
  DEPLOYMENT_NOT_FOUND: status.NOT_FOUND,
  EVENT_NOT_FOUND: status.NOT_FOUND,
  SERVICE_UNKNOWN: status.NOT_FOUND,
  EVENT_ID_CONFLICT: status.ALREADY_EXISTS,
  SEQUENCE_MISMATCH: status.ABORTED,
  CURSOR_AHEAD: status.OUT_OF_RANGE,
  TOO_MANY_STREAMS: status.RESOURCE_EXHAUSTED,
  TOO_MANY_WAITING: status.RESOURCE_EXHAUSTED,
  TOO_MANY_UNREAD: status.RESOURCE_EXHAUSTED,
  TOO_MANY_BYTES: status.RESOURCE_EXHAUSTED,
  REQUEST_NOT_RECEIVED: status.DEADLINE_EXCEEDED,
  STORE_FULL: status.RESOURCE_EXHAUSTED,
  STORE_READ_ONLY: status.UNAVAILABLE,
  STORE_IO_ERROR: status.UNAVAILABLE,
  STORE_UNAVAILABLE: status.UNAVAILABLE,
  DRAINING: status.UNAVAILABLE,
  DEADLINE_PASSED: status.DEADLINE_EXCEEDED,
  STORE_DAMAGED: status.DATA_LOSS,
  STORE_REFUSED: status.INTERNAL,
  INTERNAL_FAULT: status.INTERNAL,
  CREDENTIALS_MISSING: status.UNAUTHENTICATED,
  CREDENTIALS_INVALID: status.UNAUTHENTICATED,
  KEYS_UNAVAILABLE: status.UNAVAILABLE,
  PERMISSION_DENIED: status.PERMISSION_DENIED,
  SHARE_EXHAUSTED: status.RESOURCE_EXHAUSTED,
  DEPLOYMENT_DELETED: status.FAILED_PRECONDITION,
  DEPLOYMENT_PURGED: status.FAILED_PRECONDITION,
  MIRROR_BEHIND: status.UNAVAILABLE,
  OLDER_INSTANCES: status.FAILED_PRECONDITION,
} satisfies Record<RefusalReason, status>;

const domain = getOption(ErrorReasonSchema, error_domain);

/** Makes the status for a refusal, with its details in the trailer for gRPC clients. */
export function statusOf(refusal: Refusal): StatusObject {
  const metadata = new Metadata();
  const rich = richStatusOf(refusal);
  metadata.set("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, rich)));
  return { code: rich.code, details: rich.message, metadata };
}

/** The same, encoded as google.rpc.Status, for a refusal within an answer. */
export function encodeStatus(refusal: Refusal): Uint8Array {
  return toBinary(StatusSchema, richStatusOf(refusal));
}

function richStatusOf(refusal: Refusal): Status {
  const { answersWith, reason } = refusal;
  const code = answersWith === undefined ? codeOf[reason] : status[answersWith];
  const message = cutMessage(refusal.message);
  return create(StatusSchema, { code, message, details: detailsOf(refusal) });
}

/** Tells whether the service, not the caller, is at fault. */
export function isServerFault(code: status): boolean {
  return [status.INTERNAL, status.UNKNOWN, status.DATA_LOSS, status.UNAVAILABLE].includes(code);
}

function detailsOf({ reason, metadata, violations, retryDelayMs }: Refusal): Any[] {
  const total: Record<string, string> = violations.length > 0 ? { violations_total: `${violations.length}` } : {};
  const details = [
    anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain, metadata: { ...metadata, ...total } })),
  ];
  if (retryDelayMs !== undefined) {
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: durationOfMs(retryDelayMs) })));
  }
  if (violations.length > 0) {
    const bytesLeft =
      limits.errorDetailsBytesMax -
      limits.errorMessageBytesMax -
      details.reduce((sum, { value }) => sum + value.length + 64, 64);
    details.push(
      anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: firstThatFit(violations, bytesLeft) })),
    );
  }
  return details;
}

function firstThatFit(violations: readonly Violation[], bytesMax: number): Violation[] {
  let bytes = 0;
  const fits = (violation: Violation) => {
    bytes += toBinary(BadRequest_FieldViolationSchema, create(BadRequest_FieldViolationSchema, violation)).length + 4;
    return bytes <= bytesMax;
  };
  const end = violations.findIndex((violation) => !fits(violation));
  return violations.slice(0, end === -1 ? undefined : end);
}

const percentEncodedSize = (character: string) => encodeURIComponent(character).length;

// Truncated by its percent-encoded size, as gRPC sends it.
function cutMessage(message: string): string {
  const cut = cutText(message, limits.errorMessageBytesMax, percentEncodedSize);
  if (cut.length === message.length) return cut;
  return `${cutText(message, limits.errorMessageBytesMax - percentEncodedSize("…"), percentEncodedSize)}…`;
}
