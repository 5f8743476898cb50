import type { Permission } from "@activity-events/access/roles";
import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { unknownMethodPath } from "../server/call-headers.ts";
import { methodPaths, reflectionPaths } from "../server/methods.ts";

/** What a method asks of its caller; `anybody` may call what tells nothing of deployments. */
export type MethodPermission = Permission | "anybody";

const v1 = ActivityEventsService.method;
const admin = ActivityEventsAdminService.method;
const ancestor = ActivityEvents.method;
const health = Health.method;

/** What each method asks, by its path. */
export const methodPermissions: ReadonlyMap<string, MethodPermission> = new Map([
  [methodPath(v1.createEvent), "write"],
  [methodPath(v1.batchCreateEvents), "write"],
  [methodPath(v1.ingestEvents), "write"],
  [methodPath(v1.getEvent), "read"],
  [methodPath(v1.listEvents), "read"],
  [methodPath(v1.streamEvents), "read"],
  [methodPath(v1.getDeployment), "read"],
  [methodPath(v1.listDeployments), "read"],
  [methodPath(v1.watchDeployments), "read"],
  [methodPath(admin.redactEvent), "admin"],
  [methodPath(admin.deleteDeployment), "admin"],
  [methodPath(admin.undeleteDeployment), "admin"],
  [methodPath(admin.purgeDeployment), "admin"],
  [methodPath(ancestor.createEvent), "write"],
  [methodPath(ancestor.listEvents), "read"],
  [methodPath(health.check), "anybody"],
  [methodPath(health.list), "anybody"],
  [methodPath(health.watch), "anybody"],
  ...reflectionPaths.map((path) => [path, "anybody"] as const),
  [unknownMethodPath, "anybody"],
]);

for (const path of methodPaths) {
  if (!methodPermissions.has(path)) throw new Error(`nothing says who may call ${path}`);
}
