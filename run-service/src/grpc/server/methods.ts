import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";

/** Kind of a method: one or many messages in and out. */
export type MethodKind = "unary" | "stream" | "bidi";

/** Services of the contract, which reflection describes. */
export const services = [ActivityEventsService, ActivityEventsAdminService, ActivityEvents, Health] as const;

/** Server reflection; its two versions differ only in their names. */
export const reflectionPaths = ["v1", "v1alpha"].map(
  (version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
);

/** Paths of all methods. */
export const methodPaths: ReadonlySet<string> = new Set([
  ...services.flatMap(({ methods }) => methods.map((method) => methodPath(method))),
  ...reflectionPaths,
]);

/** Names in health checks: the empty one for the whole server, and each service. */
export const healthNames: ReadonlySet<string> = new Set(["", ...services.map(({ typeName }) => typeName)]);
