import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health as HealthService } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import type { Logger } from "pino";
import type { Health } from "../application/health.ts";
import { OpenStreams } from "../application/open-streams.ts";
import { activityEventsMethods, type HandlerOptions } from "./activity-events-service.ts";
import { ancestorMethods } from "./ancestor-service.ts";
import { unknownMethodPath } from "./call-headers.ts";
import { contained } from "./contained.ts";
import { healthMethods } from "./health-service.ts";
import { implementationOf } from "./implementation-of.ts";
import { methodPaths } from "./methods.ts";
import { reflectionHandlers } from "./reflection-service.ts";
import type { Handler, Handlers } from "./server.ts";
import { refuseUnknownMethod } from "./unknown-method.ts";

const services = [ActivityEventsService, ActivityEvents, HealthService];

interface HandlersOptions extends HandlerOptions {
  readonly health: Health;
  readonly log: Logger;
}

/** What answers the calls of all methods. */
export function createHandlers(options: HandlersOptions): Handlers {
  const { health, log } = options;
  const served = { log, streams: new OpenStreams() };
  const all = [...activityEventsMethods(options), ...ancestorMethods(options), ...healthMethods(health)];
  const byPath = new Map<string, unknown>([
    ...all.map((method) => [methodPath(method.desc), implementationOf(method, served)] as const),
    ...reflectionHandlers(services, served),
    [unknownMethodPath, refuseUnknownMethod],
  ]);
  const handlerOf = (path: string) => {
    const handler = byPath.get(path);
    if (handler === undefined) throw new Error(`nothing answers ${path}`);
    return [path, contained(path, handler as Handler, log)] as const;
  };
  return Object.fromEntries([...methodPaths, unknownMethodPath].map(handlerOf)) as Handlers;
}
