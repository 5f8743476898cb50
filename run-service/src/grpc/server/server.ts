import { limits as storeLimits } from "@activity-events/event-store";
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
import type { Logger } from "pino";
import type { ByteBudget } from "../../application/byte-budget.ts";
import { limits } from "../../limits.ts";
import { refuseCall } from "../errors/refuse-call.ts";
import { statusWithReason } from "../errors/status-with-reason.ts";
import { BoundedCalls } from "./bounded-calls.ts";
import type { Connections } from "./connections.ts";
import type { MethodKind } from "./methods.ts";

/** Function that grpc-js calls for a method, with a call of its kind and, for a unary one, the callback for the answer. */
export type Handler = (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => void | Promise<void>;

/** The handler of each method, by path. None throws or rejects. */
export type Handlers = ReadonlyMap<string, { readonly kind: MethodKind; readonly handler: Handler }>;

interface ServerOptions {
  readonly budget: ByteBudget;
  readonly connections: Connections;
  readonly handlers: Handlers;
  readonly log: Logger;
}

/**
 * Makes the gRPC endpoint, which does not listen yet. Messages pass as bytes, so that a request that cannot be decoded is
 * refused with a reason.
 */
export function createServer({ budget, connections, handlers, log }: ServerOptions): Server {
  const server = new Server({
    // The first sees what grpc-js itself answers.
    interceptors: [withReasons, new BoundedCalls({ budget, connections, refuse: refuseCall(log) }).interceptor],
    "grpc.max_receive_message_length": storeLimits.requestBytesMax,
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
  for (const [path, { kind, handler }] of handlers) {
    definitions[path] = definitionOf(path, kind);
    implementation[path] = handler;
  }
  server.addService(definitions, implementation as never);
  return server;
}

/** Every status passes here, also those that no handler gives. What encodes it would throw at half a surrogate pair. */
const withReasons: ServerInterceptor = ({ path }, call) => {
  const send = call.sendStatus.bind(call);
  call.sendStatus = (given) => {
    if (given.code === status.OK) {
      send(given);
      return;
    }
    const answer = statusWithReason(given, path);
    send({ ...answer, details: `${answer.details ?? ""}`.toWellFormed() });
  };
  // It is the call itself: only what it answers has changed.
  return call as ServerInterceptingCall;
};

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
