import { ErrorReasonSchema, error_domain } from "@activity-events/proto/activityevents/v1/error_reason_pb.js";
import { ErrorInfoSchema } from "@activity-events/proto/google/rpc/error_details_pb.js";
import { StatusSchema } from "@activity-events/proto/google/rpc/status_pb.js";
import { create, getOption, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Metadata } from "@grpc/grpc-js";

/** What a service answers, with this metadata, where its store is damaged. */
export function damagedAnswer(description: string, metadata: Record<string, string>) {
  const info = create(ErrorInfoSchema, {
    reason: "STORE_DAMAGED",
    domain: getOption(ErrorReasonSchema, error_domain),
    metadata,
  });
  const details = toBinary(StatusSchema, create(StatusSchema, { code: 15, details: [anyPack(ErrorInfoSchema, info)] }));
  const trailers = new Metadata();
  trailers.set("grpc-status-details-bin", Buffer.from(details));
  return { code: 15, details: description, metadata: trailers };
}
