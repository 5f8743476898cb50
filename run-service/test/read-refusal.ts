import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@activity-events/proto/google/rpc/error_details_pb.js";
import { StatusSchema } from "@activity-events/proto/google/rpc/status_pb.js";
import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { type ServiceError, status } from "@grpc/grpc-js";

/** A refusal as a client reads it from the wire. */
export interface WireRefusal {
  readonly code: string;
  readonly message: string;
  readonly reason: string | undefined;
  readonly domain: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** The fields that BadRequest names, in its order. */
  readonly fields: readonly string[];
  /** What is wrong with each of them. */
  readonly descriptions: readonly string[];
  readonly retryDelayMs: number | undefined;
  /** Bytes of the encoded google.rpc.Status. */
  readonly detailsBytes: number;
}

/** The refusal that a call ends with; fails when the call succeeds. */
export async function refusalOf(call: Promise<unknown>): Promise<WireRefusal> {
  const error = await call.then(
    () => {
      throw new Error("the call succeeded");
    },
    (reason: ServiceError) => reason,
  );
  if (error.metadata === undefined) throw error;
  return readRefusal(error);
}

/** The refusal in the status of a call. */
export function readRefusal({
  code,
  details: message,
  metadata,
}: Pick<ServiceError, "code" | "details" | "metadata">): WireRefusal {
  const [trailer] = metadata.get("grpc-status-details-bin");
  const bytes = trailer instanceof Uint8Array ? trailer : Buffer.alloc(0);
  const { details } = fromBinary(StatusSchema, bytes);
  const find = (typeName: string) => details.find(({ typeUrl }) => typeUrl.endsWith(`/${typeName}`));
  const [info, badRequest, retry] = [
    find(ErrorInfoSchema.typeName),
    find(BadRequestSchema.typeName),
    find(RetryInfoSchema.typeName),
  ];
  const errorInfo = info && anyUnpack(info, ErrorInfoSchema);
  const violations = (badRequest && anyUnpack(badRequest, BadRequestSchema)?.fieldViolations) ?? [];
  const delay = retry && anyUnpack(retry, RetryInfoSchema)?.retryDelay;
  return {
    code: status[code],
    message,
    reason: errorInfo?.reason,
    domain: errorInfo?.domain,
    metadata: errorInfo?.metadata ?? {},
    fields: violations.map(({ field }) => field),
    descriptions: violations.map(({ description }) => description),
    retryDelayMs: delay && Number(delay.seconds) * 1_000 + delay.nanos / 1_000_000,
    detailsBytes: bytes.length,
  };
}
