import { gzipSync } from "node:zlib";
import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { grpcFrame } from "@activity-events/testing/raw-http2";
import { cleanUp } from "@activity-events/testing/running-service";
import { until } from "@activity-events/testing/until";
import { create, type DescMethod, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, jest, test } from "@jest/globals";
import { inParallel } from "./in-parallel.ts";
import { type LimitedService, startLimited } from "./limited-memory.ts";
import { type RawEnd, RawLoad } from "./raw-load.ts";

// Takes a quarter of a minute each, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

const KiB = 1_024;
const MiB = 1_024 * KiB;
const limitMiB = 512;
const mostMiB = 420;
const { createEvent, batchCreateEvents, ingestEvents, getEvent, listEvents, listDeployments } =
  ActivityEventsService.method;
const { streamEvents, watchDeployments } = ActivityEventsService.method;
const reflectionPath = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

afterEach(cleanUp);

function callOf<M extends DescMethod>(method: M, request: MessageInitShape<M["input"]>) {
  return { path: methodPath(method), body: [grpcFrame(toBinary(method.input, create(method.input, request)))] };
}

function eventsOf(prefix: string, count: number, messageBytes: number, deploymentId = "") {
  const message = "m".repeat(messageBytes);
  return Array.from({ length: count }, (_, index) => ({ deploymentId, eventId: `${prefix}-${index}`, message }));
}

function batchOf(deploymentId: string) {
  return callOf(batchCreateEvents, { deploymentId, events: eventsOf("e", 48, 62 * KiB) });
}

/** Fills deployments whose every page is as large as a page may be. */
async function fill(load: RawLoad, deployments: readonly string[]): Promise<void> {
  for (const deploymentId of deployments) expect(await load.call(batchOf(deploymentId))).toBe("0");
}

async function openLoads(service: LimitedService, count: number, windowBytes?: number): Promise<RawLoad[]> {
  return Promise.all(Array.from({ length: count }, () => RawLoad.open(service.service.address, windowBytes)));
}

/** Lets small calls of another connection be answered beside the work, one after the other, and as many after it. */
async function withSmallCalls(service: LimitedService, work: Promise<unknown>, atLeast = 20): Promise<number> {
  const load = await RawLoad.open(service.service.address);
  let isDone = false;
  let answered = 0;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone || answered < atLeast) {
    const event = { deploymentId: "small", eventId: `small-${answered}`, message: "m" };
    expect(await load.call(callOf(createEvent, { event }))).toBe("0");
    expect(await load.call(callOf(Health.method.check, {}))).toBe("0");
    answered += 1;
  }
  await done;
  load.close();
  return answered;
}

const outcomes = new Set<RawEnd>(["0", "8"]);

/** Everything was answered or refused, and the memory was enough. */
function expectBounded(name: string, service: LimitedService, ends: readonly RawEnd[], most = mostMiB): void {
  const counts = Map.groupBy(ends, (end) => end ?? "none");
  const said = [...counts].map(([end, { length }]) => `${length} of status ${end}`).join(", ");
  process.stderr.write(`memory by method: ${name}: ${service.mostMiB} MiB; ${said}\n`);
  expect(service.service.hasExited).toBe(false);
  expect(ends.filter((end) => !outcomes.has(end))).toEqual([]);
  expect(service.mostMiB).toBeLessThan(most);
}

test("ListEvents: 128 at a time, of full pages", async () => {
  await using service = await startLimited(limitMiB);
  const loads = await openLoads(service, 4);
  await fill(loads[0] as RawLoad, ["a", "b"]);
  const ends: RawEnd[] = [];
  const work = inParallel(384, 128, async (index) => {
    const load = loads[index % loads.length] as RawLoad;
    ends.push(await load.call(callOf(listEvents, { deploymentId: index % 3 === 0 ? "a" : "b", pageSize: 1_000 })));
  });

  await withSmallCalls(service, work);

  expectBounded("128 ListEvents", service, ends);
  expect(ends).toContain("0");
});

test("BatchCreateEvents: 128 at a time, of 2.95 MB", async () => {
  await using service = await startLimited(limitMiB);
  const loads = await openLoads(service, 4);
  const ends: RawEnd[] = [];
  const work = inParallel(256, 128, async (index) => {
    ends.push(await (loads[index % loads.length] as RawLoad).call(batchOf(`d-${index}`)));
  });

  await withSmallCalls(service, work);

  expectBounded("128 BatchCreateEvents", service, ends);
  expect(ends).toContain("0");
});

test("120 calls whose message never ends, over three connections", async () => {
  await using service = await startLimited(limitMiB);
  const loads = await openLoads(service, 3);
  const part = [grpcFrame(Buffer.alloc(3.9 * MiB), { length: 4 * MiB })];
  const paths = [createEvent, batchCreateEvents, listEvents, streamEvents].map(methodPath);
  const ends: RawEnd[] = [];
  for (let call = 0; call < 120; call += 1) {
    const load = loads[call % loads.length] as RawLoad;
    load.call({ path: paths[call % paths.length] as string, body: part, isOpen: true }).then((end) => ends.push(end));
  }

  const refused = until(() => ends.length > 90, "all but a few are refused");
  await withSmallCalls(service, refused, 200);

  expectBounded("120 requests without an end", service, ends);
});

test("ListEvents: 5 connections that leave 100 answers unread", async () => {
  await using service = await startLimited(limitMiB);
  const [reader] = await openLoads(service, 1);
  await fill(reader as RawLoad, ["a"]);
  const loads = await openLoads(service, 5, 64);
  const ends: RawEnd[] = [];
  for (const load of loads) {
    for (let call = 0; call < 100; call += 1) {
      load.call(callOf(listEvents, { deploymentId: "a", pageSize: 1_000 })).then((end) => ends.push(end));
    }
  }

  await withSmallCalls(service, Promise.resolve(), 300);

  expectBounded("5 × 100 unread ListEvents", service, ends);
});

test("IngestEvents: 8 clients that pour and read nothing", async () => {
  await using service = await startLimited(limitMiB);
  const loads = await openLoads(service, 8, 64);
  const message = (client: number, number: number) =>
    callOf(ingestEvents, { events: eventsOf(`${number}`, 300, 8_000, `of-${client}`) }).body[0] as Buffer;
  for (const [client, load] of loads.entries()) {
    load.call({
      path: methodPath(ingestEvents),
      body: Array.from({ length: 12 }, (_, number) => message(client, number)),
    });
  }

  await withSmallCalls(service, Promise.resolve(), 300);

  expectBounded("8 unread IngestEvents", service, []);
});

test("StreamEvents: 1,000 followers that do not read", async () => {
  await using service = await startLimited(limitMiB);
  const [reader] = await openLoads(service, 1);
  await fill(reader as RawLoad, ["a"]);
  const loads = await openLoads(service, 10, 64);
  const ends: RawEnd[] = [];
  for (const load of loads) {
    for (let call = 0; call < 100; call += 1) {
      load.call(callOf(streamEvents, { deploymentId: "a", follow: true })).then((end) => ends.push(end));
    }
  }

  await withSmallCalls(service, Promise.resolve(), 300);

  expectBounded("1,000 unread StreamEvents", service, ends);
});

test("WatchDeployments: 1,000 watchers that do not read, of heads as large as they come", async () => {
  await using service = await startLimited(limitMiB);
  const [reader] = await openLoads(service, 1);
  const text = "h".repeat(256);
  const large = { environment: text, service: text, revision: text, actor: text, commit: text, url: "u".repeat(KiB) };
  const record = (index: number) =>
    (reader as RawLoad).call(callOf(createEvent, { event: { ...large, deploymentId: `d-${index}`, message: "m" } }));
  for (let index = 0; index < 300; index += 1) expect(await record(index)).toBe("0");
  const loads = await openLoads(service, 10, 64);
  const ends: RawEnd[] = [];
  for (const load of loads) {
    for (let call = 0; call < 100; call += 1) load.call(callOf(watchDeployments, {})).then((end) => ends.push(end));
  }

  const work = inParallel(600, 10, async (index) => void (await record(index % 300)));
  await withSmallCalls(service, work, 300);

  expectBounded("1,000 unread WatchDeployments", service, ends);
});

test("StreamEvents: 128 at a time that read", async () => {
  await using service = await startLimited(limitMiB);
  const loads = await openLoads(service, 4);
  await fill(loads[0] as RawLoad, ["a", "b"]);
  const ends: RawEnd[] = [];
  const work = inParallel(256, 128, async (index) => {
    const load = loads[index % loads.length] as RawLoad;
    ends.push(await load.call(callOf(streamEvents, { deploymentId: index % 3 === 0 ? "a" : "b" })));
  });

  await withSmallCalls(service, work);

  expectBounded("128 StreamEvents", service, ends);
  expect(new Set(ends)).toEqual(new Set(["0"]));
});

test("compressed requests: 100 bombs, and 100 of what may be sent", async () => {
  await using service = await startLimited(limitMiB);
  const loads = await openLoads(service, 4);
  const headers = { "grpc-encoding": "gzip" };
  const bomb = [grpcFrame(gzipSync(Buffer.alloc(64 * MiB)), { compressed: 1 })];
  const [batch] = batchOf("zipped").body;
  const zipped = [grpcFrame(gzipSync((batch as Buffer).subarray(5)), { compressed: 1 })];
  const ends: RawEnd[] = [];
  const work = Promise.all([
    inParallel(100, 100, async (index) => {
      const load = loads[index % loads.length] as RawLoad;
      ends.push(await load.call({ path: methodPath(createEvent), body: bomb, headers }));
    }),
    inParallel(100, 100, async (index) => {
      const load = loads[index % loads.length] as RawLoad;
      ends.push(await load.call({ path: methodPath(batchCreateEvents), body: zipped, headers }));
    }),
    inParallel(20, 20, async (index) => {
      const load = loads[index % loads.length] as RawLoad;
      load.call({ path: methodPath(ingestEvents), body: Array(200).fill(bomb[0]), headers });
    }),
  ]);

  await withSmallCalls(service, work);

  expectBounded("gzip", service, ends);
  // Others may have been refused while the bombs took the room; nobody is when they are over.
  const last = await (loads[0] as RawLoad).call({ path: methodPath(batchCreateEvents), body: zipped, headers });
  expect(last).toBe("0");
});

test("CreateEvent: 512 at a time, of 128 KiB", async () => {
  await using service = await startLimited(limitMiB);
  const loads = await openLoads(service, 4);
  const data = { text: "d".repeat(60 * KiB) };
  const ends: RawEnd[] = [];
  const work = inParallel(2_048, 512, async (index) => {
    const event = { deploymentId: `d-${index % 100}`, eventId: `e-${index}`, message: "m".repeat(62 * KiB), data };
    ends.push(await (loads[index % loads.length] as RawLoad).call(callOf(createEvent, { event })));
  });

  await withSmallCalls(service, work);

  expectBounded("512 CreateEvent", service, ends);
  expect(ends).toContain("0");
});

test("GetEvent and ListDeployments: 4 connections that leave 250 answers of each unread", async () => {
  await using service = await startLimited(limitMiB);
  const [writer] = await openLoads(service, 1);
  const wide = { environment: "e".repeat(256), service: "s".repeat(256), revision: "r".repeat(256) };
  await inParallel(1_000, 50, async (index) => {
    const event = { deploymentId: `${index}`.padStart(128, "d"), eventId: "e", message: "m", ...wide };
    expect(await (writer as RawLoad).call(callOf(createEvent, { event }))).toBe("0");
  });
  const event = {
    deploymentId: "a",
    eventId: "e",
    message: "m".repeat(62 * KiB),
    data: { text: "d".repeat(60 * KiB) },
  };
  await (writer as RawLoad).call(callOf(createEvent, { event }));
  const ends: RawEnd[] = [];
  for (const load of await openLoads(service, 4, 64)) {
    for (let call = 0; call < 250; call += 1) {
      load.call(callOf(getEvent, { deploymentId: "a", eventId: "e" })).then((end) => ends.push(end));
      load.call(callOf(listDeployments, { pageSize: 1_000 })).then((end) => ends.push(end));
    }
  }

  await withSmallCalls(service, Promise.resolve(), 300);

  expectBounded("unread GetEvent and ListDeployments", service, ends);
});

test("the ancestor's list and server reflection: connections that do not read", async () => {
  await using service = await startLimited(limitMiB);
  const [writer] = await openLoads(service, 1);
  await fill(writer as RawLoad, ["1", "2"]);
  const ends: RawEnd[] = [];
  const descriptor = grpcFrame(
    Buffer.concat([Buffer.from([0x22, 39]), Buffer.from("activityevents.v1.ActivityEventsService")]),
  );
  for (const load of await openLoads(service, 5, 64)) {
    for (let call = 0; call < 100; call += 1) {
      load.call(callOf(ActivityEvents.method.listEvents, { id: call % 2 })).then((end) => ends.push(end));
      load
        .call({ path: reflectionPath, body: [Buffer.concat(Array(200).fill(descriptor))] })
        .then((end) => ends.push(end));
    }
  }

  await withSmallCalls(service, Promise.resolve(), 300);

  expectBounded("the ancestor's list and reflection, unread", service, ends);
});

test("6,000 calls with as much metadata as may be, whose message never comes", async () => {
  await using service = await startLimited(limitMiB);
  const metadata = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`x-${index}`, "v".repeat(3_900)]));
  const ends: RawEnd[] = [];
  for (const load of await openLoads(service, 7)) {
    for (let call = 0; call < 900; call += 1) {
      load
        .call({ path: methodPath(createEvent), body: [], headers: metadata, isOpen: true })
        .then((end) => ends.push(end));
    }
  }

  await withSmallCalls(service, Promise.resolve(), 300);

  // Their metadata is in V8's heap, which says when it gives back what it holds of those that are refused.
  expectBounded("6,300 calls with 58 KiB of metadata", service, ends, limitMiB);
});

test("GetEvent: 20 connections that leave 900 large answers unread, and close", async () => {
  await using service = await startLimited(limitMiB);
  const [writer] = await openLoads(service, 1);
  const event = { deploymentId: "a", eventId: "e", message: "m".repeat(62 * KiB) };
  expect(await (writer as RawLoad).call(callOf(createEvent, { event }))).toBe("0");
  const ends: RawEnd[] = [];
  const loads = await openLoads(service, 20, 0);
  for (const load of loads) {
    for (let call = 0; call < 900; call += 1) {
      load.call(callOf(getEvent, { deploymentId: "a", eventId: "e" })).then((end) => ends.push(end));
    }
  }
  await withSmallCalls(service, Promise.resolve(), 100);
  for (const load of loads) load.close();

  await withSmallCalls(service, Promise.resolve(), 200);

  // Those that were open when their connection closed have no status.
  expectBounded(
    "20 × 900 unread GetEvent, closed",
    service,
    ends.filter((end) => end !== undefined),
    // What one connection lets go of is read for the next, and the thread that reads has not collected it yet: it outlives that.
    limitMiB,
  );
});
