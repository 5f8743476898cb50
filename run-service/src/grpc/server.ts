import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health as HealthService } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import {
  logVerbosity,
  type MethodDefinition,
  Server,
  ServerCredentials,
  setLogVerbosity,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Logger } from "pino";
import type { Health } from "../application/health.ts";
import { activityEventsMethods, type HandlerOptions } from "./activity-events-service.ts";
import { ancestorMethods } from "./ancestor-service.ts";
import type { Method } from "./calls.ts";
import { healthMethods } from "./health-service.ts";
import { encoder, implementationOf } from "./implementation-of.ts";
import { addReflection } from "./reflection-service.ts";
import { UnreadAnswers } from "./unread-answers.ts";

const services = [ActivityEventsService, ActivityEvents, HealthService];

interface ServerOptions extends HandlerOptions {
  readonly health: Health;
  readonly log: Logger;
}

/** The gRPC endpoint, not yet listening. */
export function createServer(options: ServerOptions): Server {
  const server = new Server({
    "grpc.max_receive_message_length": 4 * 1024 * 1024,
    "grpc.max_send_message_length": -1,
    // Finds out that a reader has gone without a word, so that its stream is freed.
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 20_000,
  });
  addMethods(server, options.log, [
    ...activityEventsMethods(options),
    ...ancestorMethods(options),
    ...healthMethods(
      options.health,
      services.map(({ typeName }) => typeName),
    ),
  ]);
  addReflection(server, services, options.log);
  return server;
}

/** Host and port in the form that clients take; that of an IPv6 host is in brackets. */
export function addressOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Listens and answers the port; rejects with one sentence when the address cannot be had. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  // What grpc-js itself would print of a failure is in the error, and the user is told in one line.
  setLogVerbosity(logVerbosity.NONE);
  return new Promise((resolve, reject) => {
    server.bindAsync(addressOf(host, port), ServerCredentials.createInsecure(), (error, bound) => {
      setLogVerbosity(logVerbosity.ERROR);
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
}

// Requests reach the handlers as bytes, so that one that cannot be decoded is refused with a reason.
function addMethods(server: Server, log: Logger, methods: readonly Method[]): void {
  const definitions: Record<string, MethodDefinition<Buffer, Uint8Array>> = {};
  const implementation: UntypedServiceImplementation = {};
  const served = { log, unread: new UnreadAnswers() };
  for (const method of methods) {
    const path = methodPath(method.desc);
    definitions[path] = {
      path,
      requestStream: method.kind === "bidi",
      responseStream: method.kind !== "unary",
      requestSerialize: (bytes) => bytes,
      requestDeserialize: (bytes) => bytes,
      responseSerialize: encoder(method.desc.output) as (message: Uint8Array) => Buffer,
      responseDeserialize: (bytes) => bytes,
    };
    implementation[path] = implementationOf(method, served);
  }
  server.addService(definitions, implementation);
}
