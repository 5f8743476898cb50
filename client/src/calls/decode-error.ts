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
 * The error that a caller sees for what grpc-js threw, with the details of the `grpc-status-details-bin` trailer.
 * Anything that is not a gRPC failure is a fault of this program and becomes UNKNOWN with its cause.
 */
export function decodeError(thrown: unknown): ActivityEventsError {
  if (thrown instanceof ActivityEventsError) return thrown;
  if (!isServiceError(thrown)) {
    return new ActivityEventsError({ code: "UNKNOWN", message: String(thrown) }, { cause: thrown });
  }
  const refusal: Refusal = { code: statusName(thrown.code), message: plainMessage(thrown.details) };
  return new ActivityEventsError({ ...refusal, ...detailsOf(thrown) }, { cause: thrown });
}

/** The error that a status within a message stands for, with its details. */
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

// Where nothing answered, or no token was to be had, grpc-js wraps what happened in words for its own makers.
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
    // The status itself stands; details that cannot be read say nothing more.
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
  // Another domain's reasons, such as a proxy's, mean something else by the same names.
  if (info?.domain === domain) return { reason: info.reason, metadata: info.metadata };
  const badRequest = anyUnpack(detail, BadRequestSchema);
  if (badRequest !== undefined) {
    return { violations: badRequest.fieldViolations.map(({ field, description }) => ({ field, description })) };
  }
  const retry = anyUnpack(detail, RetryInfoSchema);
  return retry?.retryDelay === undefined ? {} : { retryDelayMs: durationMs(retry.retryDelay) };
}
