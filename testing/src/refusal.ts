import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@activity-events/proto/google/rpc/error_details_pb.js";
import { StatusSchema } from "@activity-events/proto/google/rpc/status_pb.js";
import { type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";
import { type ServiceError, status } from "@grpc/grpc-js";

/** The details that the contract promises with a refusal. */
export interface RefusalDetails {
  /** How many `google.rpc.ErrorInfo` there are. */
  readonly errorInfos: number;
  readonly reason: string | undefined;
  readonly domain: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** The fields that BadRequest names. */
  readonly fields: readonly string[];
  readonly retryDelayMs: number | undefined;
}

/** What a refusal says. */
export interface Refused extends RefusalDetails {
  /** The name of its status. */
  readonly code: string;
  readonly message: string;
}

/** Reads the details from an encoded `google.rpc.Status`; without one there are none. */
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

/** How a call was refused, from the error that grpc-js threw; throws what is none of grpc-js's. */
export function refusalIn(error: unknown): Refused {
  const { code, details: message, metadata } = error as Partial<ServiceError>;
  if (code === undefined || status[code] === undefined) throw error;
  const [encoded] = metadata?.get("grpc-status-details-bin") ?? [];
  const details = decodeDetails(encoded instanceof Uint8Array ? encoded : undefined);
  return { code: status[code], message: message ?? "", ...details };
}

/** Waits for a call to be refused and answers how; throws when it succeeds. */
export async function refusalOf(answer: Promise<unknown>): Promise<Refused> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) throw new Error("the call was answered, not refused");
  return refusalIn(error);
}
