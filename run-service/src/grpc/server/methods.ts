import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";

/** Kind of a method by its messages in and out: one and one, one and many, many and many. */
export type MethodKind = "unary" | "stream" | "bidi";

/** The services of the contract, which reflection describes. */
export const services = [ActivityEventsService, ActivityEvents, Health] as const;

/** Server reflection, whose two versions are the same but for their names. */
export const reflectionPaths = ["v1", "v1alpha"].map(
  (version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
);

/** The paths of all methods that are served. */
export const methodPaths: ReadonlySet<string> = new Set([
  ...services.flatMap(({ methods }) => methods.map((method) => methodPath(method))),
  ...reflectionPaths,
]);

/** The names that health is asked for: the whole server's, which is empty, and each service's. */
export const healthNames: ReadonlySet<string> = new Set(["", ...services.map(({ typeName }) => typeName)]);
