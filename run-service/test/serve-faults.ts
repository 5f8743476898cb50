import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import pino from "pino";
import { ByteBudget } from "../src/application/byte-budget.ts";
import { Refusal } from "../src/application/refusal.ts";
import { StreamCount } from "../src/application/stream-count.ts";
import { AccessGate } from "../src/grpc/access/access-gate.ts";
import { AdminToken } from "../src/grpc/access/admin-token.ts";
import { noShares } from "../src/grpc/access/shares.ts";
import { grpcJsHandler } from "../src/grpc/calls/grpc-js-handler.ts";
import { bidiStreaming, type Call, encodedUnary, type Method, serverStreaming } from "../src/grpc/calls/method.ts";
import { Connections } from "../src/grpc/server/connections.ts";
import { contained } from "../src/grpc/server/contained.ts";
import { methodPaths } from "../src/grpc/server/methods.ts";
import { createServer, type Handler, type Handlers, listen, plainText } from "../src/grpc/server/server.ts";
import type { Fault } from "./fault.ts";

// A program: the server with handlers that do what their request names. It prints its port.

const { method } = ActivityEventsService;
const answer = Buffer.alloc(3);

/** Throws, or answers what cannot be encoded; the call itself may be spoilt for what comes after. */
function commit(fault: Fault, call: Call): Uint8Array {
  switch (fault) {
    case "throws an error":
      throw new Error("a fault");
    case "throws nothing":
      throw undefined;
    case "throws a text":
      throw "a fault";
    case "refuses with half a pair":
      throw new Refusal("EVENT_NOT_FOUND", "\ud83d", { metadata: { event_id: "\udc00" } });
    case "refuses and cannot say why":
      throw Object.defineProperty(new Refusal("EVENT_NOT_FOUND", ""), "message", { get: thrower });
    case "answers nothing":
      return undefined as never;
    case "answers another message":
      return { $typeName: "x" } as never;
    case "cannot be logged":
      call.count(Object.defineProperty({}, "stored", { get: thrower, enumerable: true }));
      return answer;
    case "refuses and cannot be logged":
      call.count(Object.defineProperty({}, "stored", { get: thrower, enumerable: true }));
      throw new Refusal("EVENT_NOT_FOUND", "no");
  }
}

function thrower(): never {
  throw new Error("a fault in a fault");
}

const faulty: readonly Method[] = [
  encodedUnary(method.getEvent, (request, call) => Promise.resolve(commit(`${request.subarray(2)}` as Fault, call))),
  // Throws while it is called, not later.
  encodedUnary(method.getDeployment, (request, call) => commit(`${request.subarray(2)}` as Fault, call) as never),
  serverStreaming(method.streamEvents, async function* ({ deploymentId, afterSequence }, call) {
    if (afterSequence > 0n) yield answer;
    yield commit(deploymentId as Fault, call);
  }),
  bidiStreaming(method.ingestEvents, async function* (requests, call) {
    const request = await requests.next();
    yield answer;
    try {
      yield commit(`${request?.subarray(2)}` as Fault, call);
    } finally {
      await requests.next();
    }
  }),
];

const log = pino({ base: null, messageKey: "message" });
const served = { log, streams: new StreamCount() };
const byPath = new Map(faulty.map((one) => [methodPath(one.desc), one]));
const handlers: Handlers = new Map(
  [...methodPaths].map((path) => {
    const one = byPath.get(path);
    const handler = one === undefined ? thrower : (grpcJsHandler(one, served) as Handler);
    return [path, { kind: one?.kind ?? "unary", handler: contained(path, handler, log) }];
  }),
);
const gate = new AccessGate({
  access: undefined,
  adminToken: new AdminToken(undefined),
  shareLimits: () => noShares,
  logger: log,
});
const server = createServer({ budget: new ByteBudget(), gate, connections: new Connections(), handlers, log });
process.stdout.write(`${await listen(server, "127.0.0.1", 0, plainText)}\n`);
