import { limits } from "@activity-events/event-store";
import {
  logVerbosity,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerInterceptingCall,
  type ServerInterceptor,
  type ServerUnaryCall,
  type sendUnaryData,
  setLogVerbosity,
  status,
} from "@grpc/grpc-js";
import type { ByteBudget } from "../application/byte-budget.ts";
import type { Health } from "../application/health.ts";
import type { OnDemand } from "../on-demand.ts";
import type { RefuseCall } from "./bounded-call.ts";
import { BoundedCalls } from "./bounded-calls.ts";
import { unknownMethodPath } from "./call-headers.ts";
import { type MethodKind, type MethodPath, methodPaths, methods } from "./methods.ts";
import type { OpenConnections } from "./open-connections.ts";
import { quickCheck } from "./quick-check.ts";

/** What grpc-js calls for a method: with a call of its kind, and for a unary one how it is answered. */
export type Handler = (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => void | Promise<void>;

/** Of every method, and of those that there are not. None throws or rejects. */
export type Handlers = Readonly<Record<MethodPath | typeof unknownMethodPath, Handler>>;

/** A status as grpc-js hands it on. */
export type GivenStatus = Parameters<ServerInterceptingCall["sendStatus"]>[0];

/** What answers calls. */
export interface AnsweredCalls {
  readonly handlers: Handlers;
  readonly refuse: RefuseCall;
  /** Gives a status that grpc-js answers by itself its reason. */
  readonly statusWithReason: (given: GivenStatus, method: string) => GivenStatus;
}

interface ServerOptions {
  readonly health: Health;
  readonly budget: ByteBudget;
  readonly connections: OpenConnections;
  /** What answers calls, which wait for it. When it cannot be loaded the process is about to end. */
  readonly calls: OnDemand<AnsweredCalls>;
}

/**
 * The gRPC endpoint, not yet listening. It takes calls before what answers them is loaded, and answers by itself only
 * whether the service serves. Messages pass as bytes, so that a request that cannot be decoded is refused with a reason.
 */
export function createServer({ health, budget, connections, calls }: ServerOptions): Server {
  const refuse: RefuseCall = (path, refusal) =>
    calls.value?.refuse(path, refusal) ?? calls.load().then((loaded) => loaded.refuse(path, refusal));
  const server = new Server({
    // The first sees what grpc-js itself answers.
    interceptors: [withReasons(calls), new BoundedCalls({ budget, connections, refuse }).interceptor],
    "grpc.max_receive_message_length": limits.requestBytesMax,
    "grpc.max_concurrent_streams": limits.connectionCallsMax,
    "grpc.max_send_message_length": -1,
    // Nobody can ask for what it counts of each call and connection.
    "grpc.enable_channelz": 0,
    // Finds out that a reader has gone without a word, so that its stream is freed.
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 20_000,
  });
  const definitions: Record<string, MethodDefinition<Buffer, Buffer>> = {};
  const implementation: Record<string, Handler> = {};
  for (const path of methodPaths) {
    definitions[path] = definitionOf(path, methods[path]);
    implementation[path] = onceLoaded(path, calls, path === checkPath ? quickCheck(health) : () => undefined);
  }
  definitions[unknownMethodPath] = definitionOf(unknownMethodPath, "bidi");
  implementation[unknownMethodPath] = onceLoaded(unknownMethodPath, calls, () => undefined);
  server.addService(definitions, implementation as never);
  return server;
}

const checkPath = "/grpc.health.v1.Health/Check" satisfies MethodPath;

/** Every status passes here, also those that no handler gives. What encodes it would throw at half a surrogate pair. */
function withReasons(calls: ServerOptions["calls"]): ServerInterceptor {
  return ({ path }, call) => {
    const send = call.sendStatus.bind(call);
    call.sendStatus = (given) => {
      if (given.code === status.OK) {
        send(given);
        return;
      }
      const answer = calls.value?.statusWithReason(given, path) ?? given;
      send({ ...answer, details: `${answer.details ?? ""}`.toWellFormed() });
    };
    // It is the call itself: only what it answers has changed.
    return call as ServerInterceptingCall;
  };
}

function definitionOf(path: string, kind: MethodKind): MethodDefinition<Buffer, Buffer> {
  const asIs = (bytes: Buffer) => bytes;
  return {
    path,
    requestStream: kind === "bidi",
    responseStream: kind !== "unary",
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

/** A handler that waits for the method's own; until that is loaded `quick` may know the answer. */
function onceLoaded(
  path: keyof Handlers,
  calls: ServerOptions["calls"],
  quick: (request: Buffer) => Buffer | undefined,
): Handler {
  return (call, answer) => {
    if (calls.value !== undefined) {
      calls.value.handlers[path](call, answer);
      return;
    }
    const answered = quick(call.request);
    if (answered !== undefined) {
      answer(null, answered);
      return;
    }
    calls.load().then(
      ({ handlers }) => {
        // Nobody waits for a call that was given up meanwhile.
        if (!call.cancelled) handlers[path](call, answer);
      },
      () => {},
    );
  };
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
