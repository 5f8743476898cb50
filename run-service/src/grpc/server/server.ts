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
import type { AccessGate } from "../access/access-gate.ts";
import { refuseCall } from "../errors/refuse-call.ts";
import { statusWithReason } from "../errors/status-with-reason.ts";
import { BoundedCalls } from "./bounded-calls.ts";
import type { Connections } from "./connections.ts";
import type { MethodKind } from "./methods.ts";

/** Handler in grpc-js' form: gets a call and, for a unary method, a callback. */
export type Handler = (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => void | Promise<void>;

/** Handlers by path. None throws or rejects. */
export type Handlers = ReadonlyMap<string, { readonly kind: MethodKind; readonly handler: Handler }>;

interface ServerOptions {
  readonly budget: ByteBudget;
  readonly gate: AccessGate;
  readonly connections: Connections;
  readonly handlers: Handlers;
  readonly log: Logger;
}

/**
 * Creates the gRPC endpoint without listening. Messages pass as bytes, so that an undecodable request is refused with a
 * reason.
 */
export function createServer({ budget, gate, connections, handlers, log }: ServerOptions): Server {
  const server = new Server({
    // The first interceptor also sees grpc-js' own answers.
    interceptors: [withReasons, new BoundedCalls({ budget, gate, connections, refuse: refuseCall(log) }).interceptor],
    "grpc.max_receive_message_length": storeLimits.requestBytesMax,
    "grpc.max_concurrent_streams": limits.connectionCallsMax,
    "grpc.max_send_message_length": -1,
    // Nothing reads channelz' counts per call and connection.
    "grpc.enable_channelz": 0,
    // Detects readers that vanished, and frees their streams.
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

/** Intercepts every status, including grpc-js' own. Removes lone surrogates, on which the encoder would throw. */
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
  // This is the call itself; only its answer changed.
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

/** Formats host and port for clients, with brackets around an IPv6 address. */
export function addressOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Credentials of a server without TLS. */
export const plainText = ServerCredentials.createInsecure();

/** Listens and returns the port. Throws a one-sentence error if the address is not available. */
export function listen(server: Server, host: string, port: number, credentials: ServerCredentials): Promise<number> {
  // The error has grpc-js' own message, and the user gets one line.
  setLogVerbosity(logVerbosity.NONE);
  return new Promise((resolve, reject) => {
    server.bindAsync(addressOf(host, port), credentials, (error, bound) => {
      setLogVerbosity(logVerbosity.ERROR);
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
}
