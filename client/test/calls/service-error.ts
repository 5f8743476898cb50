import { StatusSchema } from "@activity-events/proto/google/rpc/status_pb.js";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Metadata, type ServiceError } from "@grpc/grpc-js";

/** One detail of a status: its schema and its fields. */
export type Detail = readonly [DescMessage, MessageInitShape<DescMessage>];

/** What grpc-js throws when a server answers with this status and these details. */
export function serviceError(code: number, message: string, details: readonly Detail[] = []): ServiceError {
  const status = create(StatusSchema, {
    code,
    message,
    details: details.map(([schema, fields]) => anyPack(schema, create(schema, fields))),
  });
  return withTrailer(code, message, toBinary(StatusSchema, status));
}

/** The same with a trailer of arbitrary bytes. */
export function withTrailer(code: number, message: string, trailer: Uint8Array): ServiceError {
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(trailer));
  return Object.assign(new Error(`${code} ${message}`), { code, details: message, metadata });
}
