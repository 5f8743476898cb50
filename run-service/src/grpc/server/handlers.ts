import { methodPath } from "@activity-events/proto/service-definition";
import type { Logger } from "pino";
import type { DeploymentEditor } from "../../application/deployment-editor.ts";
import type { Health } from "../../application/health.ts";
import { StreamCount } from "../../application/stream-count.ts";
import { grpcJsHandler, type ServedCalls } from "../calls/grpc-js-handler.ts";
import type { Method } from "../calls/method.ts";
import { activityEventsMethods, type HandlerOptions } from "../services/activity-events-service.ts";
import { adminMethods } from "../services/admin-service.ts";
import { ancestorMethods } from "../services/ancestor-service.ts";
import { healthMethods } from "../services/health-service.ts";
import { reflectionHandlers } from "../services/reflection-service.ts";
import { unknownMethodPath } from "./call-headers.ts";
import { contained } from "./contained.ts";
import { methodPaths, reflectionPaths, services } from "./methods.ts";
import type { Handler, Handlers } from "./server.ts";
import { refuseMethod, refuseUnknownMethod } from "./unknown-method.ts";

interface HandlersOptions extends HandlerOptions {
  readonly editor: DeploymentEditor;
  readonly health: Health;
  readonly log: Logger;
  /** True if the server describes its contract to anybody who asks. */
  readonly reflects: boolean;
}

/** Handlers of a server that does not describe itself. */
const noReflection = reflectionPaths.map((path) => [path, refuseMethod(path)] as const);

/** Returns the handlers of all methods, and of unknown ones. */
export function createHandlers(options: HandlersOptions): Handlers {
  const { health, log, reflects } = options;
  const guarded = { log, streams: new StreamCount() };
  // Apart, so that nobody without credentials can take the places of those who have some.
  const open = { log, streams: new StreamCount("open") };
  const handled = (methods: readonly Method[], served: ServedCalls) =>
    methods.map((method) => [methodPath(method.desc), method.kind, grpcJsHandler(method, served)] as const);
  const all = [
    ...handled([...activityEventsMethods(options), ...adminMethods(options), ...ancestorMethods(options)], guarded),
    ...handled(healthMethods(health), open),
    ...(reflects ? reflectionHandlers(services, open) : noReflection).map(
      ([path, handler]) => [path, "bidi", handler] as const,
    ),
    [unknownMethodPath, "bidi", refuseUnknownMethod] as const,
  ];
  const handlers: Handlers = new Map(
    all.map(([path, kind, handler]) => [path, { kind, handler: contained(path, handler as Handler, log) }]),
  );
  for (const path of methodPaths) if (!handlers.has(path)) throw new Error(`nothing answers ${path}`);
  return handlers;
}
