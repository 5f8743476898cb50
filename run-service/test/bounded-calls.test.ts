import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { connect as connectSocket, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { grpcFrame, requestRaw } from "@activity-events/testing/raw-http2";
import { until } from "@activity-events/testing/until";
import { create, type DescMethod, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, jest, test } from "@jest/globals";
import { limits } from "../src/limits.ts";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { acknowledgementsTo } from "./ingest-stream.ts";
import { newDeploymentId, newEvent, newEvents } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { sendMessage, UnreadConnection } from "./unread-connection.ts";

const { createEvent, batchCreateEvents, getDeployment, ingestEvents, listEvents, streamEvents } =
  ActivityEventsService.method;
const { check, watch } = Health.method;
const KiB = 1_024;
const MiB = 1_024 * KiB;

const sessions = new Set<ClientHttp2Session>();

/** A client on nothing but HTTP/2, with a connection of its own. */
async function connectRaw({ address }: EmbeddedService): Promise<ClientHttp2Session> {
  const session = connect(`http://${address}`, { maxSessionMemory: 1_000 });
  sessions.add(session.on("error", () => {}));
  await once(session, "remoteSettings");
  return session;
}

afterEach(() => {
  for (const session of sessions) session.destroy();
  sessions.clear();
  jest.restoreAllMocks();
});

function begin(session: ClientHttp2Session, method: DescMethod): ClientHttp2Stream {
  const headers = { "content-type": "application/grpc", te: "trailers" };
  const stream = session.request({ ":method": "POST", ":path": methodPath(method), ...headers });
  return stream.on("error", () => {});
}

function encoded<M extends DescMethod>(method: M, request: MessageInitShape<M["input"]>): Uint8Array {
  return toBinary(method.input, create(method.input, request));
}

/** Lets the monotonic clock be so much later than it is, at once. */
function passTime(ms: number): void {
  jest.restoreAllMocks();
  const now = performance.now.bind(performance);
  jest.spyOn(performance, "now").mockImplementation(() => now() + ms);
}

test("a request is held from its first bytes, however it is cut, to the last of its answer", async () => {
  await using service = await embedService();
  const { budget } = service;
  const stream = begin(await connectRaw(service), createEvent);
  const frame = grpcFrame(encoded(createEvent, { event: newEvent({ message: "m".repeat(60 * KiB) }) }));
  const { length } = frame.subarray(5);

  for (const byte of frame.subarray(0, 5)) await new Promise((done) => stream.write(Buffer.from([byte]), done));
  // And its answer, which is as large.
  await until(() => budget.held === 2 * length, "the message is held, and its answer");
  stream.write(frame.subarray(5, 100));
  stream.end(frame.subarray(100));
  stream.resume();
  await once(stream, "close");
  await until(() => budget.held === 0, "nothing is held");
});

test("a connection that sends too much at once is refused more, quickly, and others are served", async () => {
  await using service = await embedService();
  const session = await connectRaw(service);
  const unfinished = Array.from({ length: 20 }, () => {
    const stream = begin(session, batchCreateEvents);
    stream.write(grpcFrame(new Uint8Array(1), { length: 4 * MiB - 1 }));
    return stream;
  });

  const refused = await requestRaw(session, {
    path: methodPath(batchCreateEvents),
    body: [grpcFrame(new Uint8Array(4 * MiB - 1))],
  });
  const small = await requestRaw(session, {
    path: methodPath(createEvent),
    body: [grpcFrame(encoded(createEvent, { event: newEvent() }))],
  });
  const deploymentId = newDeploymentId();
  const events = newEvents(deploymentId, 40, { message: "m".repeat(60 * KiB) });
  const other = await service.client.call(batchCreateEvents, { deploymentId, events });
  for (const stream of unfinished) stream.close();
  await until(() => service.budget.held === 0, "nothing is held");

  expect(refused).toMatchObject({ code: "RESOURCE_EXHAUSTED", errorInfos: 1, reason: "TOO_MANY_BYTES" });
  expect(refused.retryDelayMs).toBe(1_000);
  expect(small.code).toBe("OK");
  expect(other.results).toHaveLength(40);
  expect(service.log.filter(({ reason }) => reason === "TOO_MANY_BYTES").length).toBeGreaterThan(0);
});

test("health answers when nothing else has room", async () => {
  await using service = await embedService();
  service.budget.add(undefined, limits.callBytesMax);

  const health = await service.client.call(check, {});
  const refused = await refusalOf(service.client.call(createEvent, { event: newEvent() }));
  service.budget.give(undefined, limits.callBytesMax);

  expect(health.status).toBe(1);
  expect(refused).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "TOO_MANY_BYTES" });
});

test.each([createEvent, batchCreateEvents, listEvents, streamEvents, ingestEvents])(
  "a message of $name that does not come to its end in time ends the call",
  async (method) => {
    await using service = await embedService();
    const stream = begin(await connectRaw(service), method);
    stream.write(grpcFrame(new Uint8Array(10), { length: 100 }));
    let status: unknown;
    for (const event of ["response", "trailers"]) {
      stream.on(event, (headers) => {
        status ??= headers["grpc-status"];
      });
    }
    stream.resume();
    await until(() => service.budget.held % limits.streamWindowBytes > 0, "it has begun");

    passTime(limits.receiveTimeMs + 1);
    await until(() => status !== undefined, "it is told the status");

    expect(status).toBe("4");
    await until(() => service.log.some(({ reason }) => reason === "REQUEST_NOT_RECEIVED"), "it is logged");
    await until(() => service.budget.held === 0, "nothing is held");
  },
);

test("a call that sends nothing at all has longer, since others of its connection may be sent before it", async () => {
  await using service = await embedService();
  const session = await connectRaw(service);
  const statuses = new Map<DescMethod, unknown>();
  const open = (method: DescMethod) => {
    const stream = begin(session, method).resume();
    stream.on("response", (headers) => statuses.set(method, headers["grpc-status"]));
    return stream;
  };
  open(listEvents);
  open(createEvent).write(grpcFrame(new Uint8Array(10), { length: 100 }));
  await until(() => service.budget.held > 0, "both have come");

  passTime(limits.receiveTimeMs + 1);
  await until(() => statuses.size > 0, "one is ended");
  const endedFirst = [...statuses.keys()];
  passTime(limits.receiveTimeMs + limits.beginTimeMs + 1);
  await until(() => statuses.size > 1, "the other is ended");

  expect(endedFirst).toEqual([createEvent]);
  expect([...statuses.values()]).toEqual(["4", "4"]);
});

test("an IngestEvents stream that waits between whole messages is not ended", async () => {
  await using service = await embedService();
  const stream = service.client.bidi(ingestEvents);
  await stream.next();

  passTime(limits.receiveTimeMs + 2_000);
  await service.client.call(createEvent, { event: newEvent() });
  stream.send({ events: [newEvent()] });
  const acknowledged = await acknowledgementsTo(stream, 1);
  stream.cancel();

  expect(acknowledged).toHaveLength(1);
});

test("a message of a stream waits for its bytes, and is taken when they are free", async () => {
  await using service = await embedService();
  const { budget } = service;
  const deploymentId = newDeploymentId();
  const stream = begin(await connectRaw(service), ingestEvents);
  const frame = grpcFrame(
    encoded(ingestEvents, { events: newEvents(deploymentId, 30, { message: "m".repeat(60 * KiB) }) }),
  );
  const first = encoded(ingestEvents, { events: [newEvent({ deploymentId })] });
  const head = async () => (await service.client.call(getDeployment, { deploymentId })).deployment?.headSequence;
  sendMessage(stream, first);
  await until(async () => (await head().catch(() => 0n)) === 1n, "the first is stored");

  const others = limits.callBytesMax - 8 * MiB;
  budget.add(undefined, others);
  stream.end(frame);
  for (let call = 0; call < 30; call += 1) await service.client.call(createEvent, { event: newEvent() });
  const headHeldBack = await head();
  budget.give(undefined, others);
  stream.resume();
  await until(async () => (await head()) === 31n, "it is stored");
  await until(() => budget.held === 0, "nothing is held");

  expect(headHeldBack).toBe(1n);
});

test("compressed messages are taken, in calls and in streams, and those that are too large are refused", async () => {
  await using service = await embedService();
  const session = await connectRaw(service);
  const zipped = (message: Uint8Array) => grpcFrame(gzipSync(message), { compressed: 1 });
  const headers = { "grpc-encoding": "gzip" };
  const [event, deploymentId] = [newEvent(), newDeploymentId()];
  const messages = newEvents(deploymentId, 50).map((each) => zipped(encoded(ingestEvents, { events: [each] })));

  const one = zipped(encoded(createEvent, { event }));
  const taken = await requestRaw(session, { path: methodPath(createEvent), headers, body: [one] });
  const poured = await requestRaw(session, {
    path: methodPath(ingestEvents),
    headers,
    body: [Buffer.concat(messages)],
  });
  const bomb = zipped(Buffer.alloc(64 * MiB));
  const bombs = await Promise.all(
    [createEvent, ingestEvents, check].map((method) =>
      requestRaw(session, { path: methodPath(method), headers, body: [bomb] }),
    ),
  );
  const damaged = grpcFrame(Buffer.from("no gzip"), { compressed: 1 });
  const unreadable = await requestRaw(session, { path: methodPath(createEvent), headers, body: [damaged] });
  const { deployment } = await service.client.call(getDeployment, { deploymentId });
  await until(() => service.budget.held === 0, "nothing is held");

  expect([taken.code, poured.code, unreadable.code]).toEqual(["OK", "OK", "INVALID_ARGUMENT"]);
  expect(deployment?.headSequence).toBe(50n);
  expect(bombs.map(({ code }) => code)).toEqual(Array(3).fill("RESOURCE_EXHAUSTED"));
});

test("clients that live and never read are refused more, and make room for others after a minute", async () => {
  await using service = await embedService();
  const deploymentId = newDeploymentId();
  const events = newEvents(deploymentId, 400, { message: "m".repeat(8_000) });
  for (let from = 0; from < events.length; from += 200) {
    await service.client.call(batchCreateEvents, { deploymentId, events: events.slice(from, from + 200) });
  }
  const request = { deploymentId, pageSize: 1_000 };
  const connections = await Promise.all(Array.from({ length: 4 }, () => UnreadConnection.open(service.address)));
  let refused = 0;
  for (const connection of connections) {
    for (let call = 0; call < 12; call += 1) {
      const stream = connection.call(listEvents);
      sendMessage(stream, encoded(listEvents, request));
      stream.end();
      // A refusal has no message, so that it comes whether messages are taken or not.
      stream.on("response", (headers) => {
        if (headers["grpc-status"] === "8") refused += 1;
      });
    }
  }

  await until(() => refused > 4, "they are refused more");
  const small = await service.client.call(createEvent, { event: newEvent() });
  const openBefore = connections.map(({ isOpen }) => isOpen);
  passTime(limits.unreadAnswerTimeMs + 1);
  const list = () =>
    service.client.call(listEvents, request).then(
      () => true,
      () => false,
    );
  await until(list, "there is room again");
  await until(() => connections.every(({ isOpen }) => !isOpen), "they hear of their end");

  expect(small.duplicate).toBe(false);
  expect(openBefore).toEqual(Array(4).fill(true));
});

test("metadata that is too large ends its call, and not what else is on the connection", async () => {
  await using service = await embedService();
  const session = await connectRaw(service);
  const neighbour = begin(session, watch);
  neighbour.end(grpcFrame(new Uint8Array()));
  await once(neighbour, "data");
  await until(
    () => session.remoteSettings.maxHeaderListSize === limits.metadataBytesMax,
    "the client is told the limit",
  );
  const headers = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`h-${index}`, "v".repeat(KiB)]));

  const tooMuch = await requestRaw(session, { path: methodPath(check), headers, body: [grpcFrame(new Uint8Array())] });
  const after = await requestRaw(session, { path: methodPath(check), body: [grpcFrame(new Uint8Array())] });

  expect(tooMuch.resetCode).toBeDefined();
  expect(after.code).toBe("OK");
  expect(neighbour.destroyed).toBe(false);
});

test("a flood of calls that are given up at once ends its own connection at most, and leaves nothing", async () => {
  await using service = await embedService();
  const session = await connectRaw(service);
  const neighbour = service.client.stream(watch, {});
  await neighbour.next();

  for (let sent = 0; sent < 3_000 && !session.destroyed; sent += 1) begin(session, streamEvents).close(8);
  await until(() => session.destroyed, "its connection is ended");
  const small = await service.client.call(createEvent, { event: newEvent() });
  neighbour.cancel();
  await until(() => service.budget.held === 0, "nothing is held");

  expect(small.duplicate).toBe(false);
});

test("one more connection than the service takes is closed, until another one goes", async () => {
  await using service = await embedService();
  await service.client.call(check, {});
  const [host, port] = service.address.split(":");
  const open = () => connectSocket({ host, port: Number(port) }).on("error", () => {});
  const sockets: Socket[] = [];
  // One after the other: more than the system queues at once would come when it likes.
  while (sockets.length < limits.connectionsMax - 1) {
    const socket = open();
    sockets.push(socket);
    await once(socket, "connect");
  }
  const oneMore = open();
  oneMore.resume();

  await once(oneMore, "close");
  const stillServed = await service.client.call(check, {});
  for (const socket of sockets) socket.destroy();

  expect(stillServed.status).toBe(1);
});

test("a call is answered while most of what many streams have sent is not taken yet", async () => {
  await using service = await embedService({ store: "sqlite" });
  const { client } = service;
  const [streamsOpen, eventsOfStream] = [20, 6_000];
  const deployments = Array.from({ length: streamsOpen }, () => newDeploymentId());
  const messages = deployments.map((deploymentId) =>
    grpcFrame(encoded(ingestEvents, { events: newEvents(deploymentId, eventsOfStream) })),
  );
  const session = await connectRaw(service);
  const head = async (deploymentId: string) =>
    Number((await client.call(getDeployment, { deploymentId }).catch(() => undefined))?.deployment?.headSequence ?? 0);
  const stored = async () => (await Promise.all(deployments.map(head))).reduce((sum, count) => sum + count, 0);

  for (const message of messages) begin(session, ingestEvents).resume().end(message);
  await until(async () => (await stored()) > 0, "they are being taken");
  const before = await stored();
  await client.call(createEvent, { event: newEvent() });
  const after = await stored();
  await until(async () => (await stored()) === streamsOpen * eventsOfStream, "all are stored");

  // What the store had when the call came, what was handed to it with the call, and as much while this is found out.
  expect(after - before).toBeLessThanOrEqual(2 * limits.ingestWaitingEventsMax);
});
