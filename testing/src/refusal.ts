import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@activity-events/proto/google/rpc/error_details_pb.js";
import { StatusSchema } from "@activity-events/proto/google/rpc/status_pb.js";
import { type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";
import { type ServiceError, status } from "@grpc/grpc-js";

/** Details that the contract promises with a refusal. */
export interface RefusalDetails {
  /** Number of `google.rpc.ErrorInfo`. */
  readonly errorInfos: number;
  readonly reason: string | undefined;
  readonly domain: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** Fields named by BadRequest. */
  readonly fields: readonly string[];
  readonly retryDelayMs: number | undefined;
}

/** A decoded refusal. */
export interface Refused extends RefusalDetails {
  /** Name of the status. */
  readonly code: string;
  readonly message: string;
}

/** Decodes the details of an encoded `google.rpc.Status`; empty without one. */
export function decodeDetails(encoded: Uint8Array | undefined): RefusalDetails {
  const details = encoded === undefined ? [] : fromBinary(StatusSchema, encoded).details;
  const all = <Schema extends DescMessage>(schema: Schema) =>
    details.map((detail) => anyUnpack(detail, schema)).filter((detail) => detail !== undefined);
  const infos = all(ErrorInfoSchema);
  const [info] = infos;
  const delay = all(RetryInfoSchema)[0]?.retryDelay;
  return {
    errorInfos: infos.length,
    reason: info?.reason,
    domain: info?.domain,
    metadata: info?.metadata ?? {},
    fields: all(BadRequestSchema).flatMap(({ fieldViolations }) => fieldViolations.map(({ field }) => field)),
    retryDelayMs: delay === undefined ? undefined : durationMs(delay),
  };
}

/** Decodes a refusal from grpc-js' error; throws any other error. */
export function refusalIn(error: unknown): Refused {
  const { code, details: message, metadata } = error as Partial<ServiceError>;
  if (code === undefined || status[code] === undefined) throw error;
  const [encoded] = metadata?.get("grpc-status-details-bin") ?? [];
  const details = decodeDetails(encoded instanceof Uint8Array ? encoded : undefined);
  return { code: status[code], message: message ?? "", ...details };
}

/** Waits for a call to be refused and returns the refusal; throws if it succeeds. */
export async function refusalOf(answer: Promise<unknown>): Promise<Refused> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) throw new Error("the call was answered, not refused");
  return refusalIn(error);
}
