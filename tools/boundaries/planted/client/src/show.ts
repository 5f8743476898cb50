import { file } from "@activity-events/proto/v1/event_pb.js";

export const show = () => file;
