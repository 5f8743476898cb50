export { ActivityEventsClient } from "./activity-events-client.ts";
export { ActivityEventsError, type FieldViolation, type Refusal, type StatusName } from "./activity-events-error.ts";
export { CursorAheadError } from "./cursor-ahead-error.ts";
export type { EventFrame, StreamRequest } from "./event-frames.ts";
export type { EventInit } from "./fill-event-id.ts";
export type { FollowItem } from "./follow-item.ts";
export type { ServiceAddress } from "./open-channel.ts";
export type { CallOptions } from "./unary-call.ts";
