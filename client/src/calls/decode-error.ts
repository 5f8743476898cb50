import { ErrorReasonSchema, error_domain } from "@activity-events/proto/activityevents/v1/error_reason_pb.js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@activity-events/proto/google/rpc/error_details_pb.js";
import { type Status, StatusSchema } from "@activity-events/proto/google/rpc/status_pb.js";
import { fromBinary, getOption } from "@bufbuild/protobuf";
import { type Any, anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";
import { type ServiceError, status } from "@grpc/grpc-js";
import { ActivityEventsError, type Refusal, type StatusName } from "../activity-events-error.ts";

const domain = getOption(ErrorReasonSchema, error_domain);

/**
 * Converts an error of grpc-js, with the details in its `grpc-status-details-bin` trailer. Any other error is a bug in this
 * program and becomes UNKNOWN with its cause.
 */
export function decodeError(thrown: unknown): ActivityEventsError {
  if (thrown instanceof ActivityEventsError) return thrown;
  if (!isServiceError(thrown)) {
    return new ActivityEventsError({ code: "UNKNOWN", message: String(thrown) }, { cause: thrown });
  }
  const refusal: Refusal = { code: statusName(thrown.code), message: plainMessage(thrown.details) };
  return new ActivityEventsError({ ...refusal, ...detailsOf(thrown) }, { cause: thrown });
}

/** Converts a status inside a message, with its details. */
export function decodeStatus({ code, message, details }: Status): ActivityEventsError {
  return new ActivityEventsError({ code: statusName(code), message, ...decodeDetails(details) });
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "number" && "details" in thrown;
}

function statusName(code: number): StatusName {
  const name = status[code] as StatusName | "OK" | undefined;
  return name === undefined || name === "OK" ? "UNKNOWN" : name;
}

// grpc-js wraps connection and token errors in words for its own developers.
function plainMessage(details: string): string {
  const cause = /^No connection established\. Last error: (?:Error: )?(.*)\. Resolution note: /s.exec(details);
  if (cause?.[1] !== undefined) return cause[1];
  const withoutToken = /^Getting metadata from plugin failed with error: (.*)$/s.exec(details);
  return withoutToken?.[1] ?? /^Deadline exceeded after [\d.]+s(?=,)/.exec(details)?.[0] ?? details;
}

function detailsOf(error: ServiceError): Partial<Refusal> {
  const [encoded] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!(encoded instanceof Uint8Array)) return {};
  try {
    return decodeDetails(fromBinary(StatusSchema, encoded).details);
  } catch {
    // The status is valid without readable details.
    return {};
  }
}

function decodeDetails(details: readonly Any[]): Partial<Refusal> {
  try {
    return Object.assign({}, ...details.map(decodeDetail));
  } catch {
    return {};
  }
}

function decodeDetail(detail: Any): Partial<Refusal> {
  const info = anyUnpack(detail, ErrorInfoSchema);
  // Another domain, such as a proxy's, may use the same names for other reasons.
  if (info?.domain === domain) return { reason: info.reason, metadata: info.metadata };
  const badRequest = anyUnpack(detail, BadRequestSchema);
  if (badRequest !== undefined) {
    return { violations: badRequest.fieldViolations.map(({ field, description }) => ({ field, description })) };
  }
  const retry = anyUnpack(detail, RetryInfoSchema);
  return retry?.retryDelay === undefined ? {} : { retryDelayMs: durationMs(retry.retryDelay) };
}
