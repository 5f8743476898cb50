export {
  type ExportRecord,
  ExportRecordSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
export {
  type Deployment,
  DeploymentSchema,
  DeploymentStanding,
  DeploymentState,
} from "@activity-events/proto/activityevents/v1/deployment_pb.js";
export { type Event, EventSchema, Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
export { ActivityEventsClient, type FollowAllRequest } from "./activity-events-client.ts";
export { ActivityEventsError, type FieldViolation, type Refusal, type StatusName } from "./activity-events-error.ts";
export type { AdminCalls } from "./admin/admin-calls.ts";
export type { Page } from "./calls/list-pages.ts";
export type { ServiceAddress } from "./calls/open-channel.ts";
export { parseServiceAddress } from "./calls/parse-service-address.ts";
export type { CallOptions } from "./calls/unary-call.ts";
export { AccessError, type Missing } from "./cloud-run/access-error.ts";
export { type CloudRunService, type FindServiceOptions, findService } from "./cloud-run/find-service.ts";
export { escapeControls } from "./escape-controls.ts";
export type { EventInit } from "./events/fill-event-id.ts";
export { idOfParts, partsOfId } from "./events/id-of-parts.ts";
export { CursorAheadError } from "./follow/cursor-ahead-error.ts";
export type { EncodedFrame } from "./follow/encoded-frames.ts";
export type { EventFrame, StreamRequest } from "./follow/event-frames.ts";
export type { FollowItem } from "./follow/follow-item.ts";
export type { IngestOutcome } from "./ingest/ingest-outcome.ts";
export type { ClientCertificate, Fresh } from "./security/fresh-credentials.ts";
export { readServiceSettings, type ServiceSettings } from "./security/read-service-settings.ts";
export { ServiceFileError, type ServiceFiles, type ServiceSecurity, serviceFiles } from "./security/service-files.ts";
export type { TokenSource } from "./security/token-credentials.ts";
export type { ExportRequest } from "./transfer/export-records.ts";
export type { ImportFrame, ImportOptions } from "./transfer/import-records.ts";
export type { Fault, FaultKind } from "./verify/fault.ts";
export type { HistoryHash } from "./verify/history-hash.ts";
export { type VerifiedDeployment, type VerifyOptions, verifyDeployment } from "./verify/verify-deployment.ts";
export type { FollowAllItem } from "./watch/follow-all-item.ts";
export type { WatchFrame, WatchRequest } from "./watch/watch-frames.ts";
export type { WatchItem } from "./watch/watch-item.ts";
