import { file } from "@activity-events/proto/v1/event_pb.js";
import { status } from "@grpc/grpc-js";

export const encode = () => [file, status];
