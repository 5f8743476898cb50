import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import {
  ActivityEventsService,
  BatchCreateEventsRequestSchema,
  CreateEventRequestSchema,
  ListEventsRequestSchema,
  StreamEventsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { callRaw, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { connectHttp2, grpcFrame, requestRaw } from "@activity-events/testing/raw-http2";
import { decodeDetails, type Refused, refusalOf } from "@activity-events/testing/refusal";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { type SeededRandom, seededRandom } from "@activity-events/testing/seeded-random";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Client, status } from "@grpc/grpc-js";
import { afterEach, expect, jest, test } from "@jest/globals";
import { roundTrip } from "./round-trip.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

const MiB = 1_024 * 1_024;
/** What clients accept by default of a block of headers. */
const statusBlockBytesMax = 8 * 1_024;

/** Paths of the methods that anybody may call here, and of those that need the service's admin token. */
const openPaths = [ActivityEventsService, ActivityEvents, Health].flatMap(({ methods: all }) => all).map(methodPath);
const paths = [...openPaths, ...ActivityEventsAdminService.methods.map(methodPath)];
// Take any number of messages, so that none and two are right.
const pathsOfMany = [ActivityEventsService.method.ingestEvents, ActivityEventsAdminService.method.importEvents].map(
  methodPath,
);
const pathsOfOne = paths.filter((path) => !pathsOfMany.includes(path));
const reflectionPaths = ["v1", "v1alpha"].map(
  (name) => `/grpc.reflection.${name}.ServerReflection/ServerReflectionInfo`,
);
const createEventPath = methodPath(methods.createEvent);

const noMessage = new Uint8Array();
const noProtobuf = Buffer.alloc(20, 0xff);

/** What is no request of any method, and the statuses that say so. gRPC itself refuses most, before a handler is reached. */
const rubbish = {
  "a message that ends early": {
    paths,
    body: [grpcFrame(Buffer.alloc(10), { length: 100 })],
    codes: ["INVALID_ARGUMENT"],
  },
  "a frame that ends in its head": {
    paths,
    body: [Buffer.alloc(3)],
    codes: ["INVALID_ARGUMENT"],
  },
  "no message at all": { paths: pathsOfOne, body: [], codes: ["UNIMPLEMENTED", "INTERNAL"] },
  "two messages": {
    paths: pathsOfOne,
    body: [grpcFrame(noMessage), grpcFrame(noMessage)],
    codes: ["UNIMPLEMENTED", "INTERNAL"],
  },
  "a length of 4 GiB": {
    paths,
    body: [grpcFrame(Buffer.alloc(10), { length: 2 ** 32 - 1 })],
    codes: ["RESOURCE_EXHAUSTED"],
  },
  "an encoding that nobody knows": {
    paths,
    body: [grpcFrame(Buffer.alloc(10), { compressed: 1 })],
    headers: { "grpc-encoding": "zstd" },
    codes: ["UNIMPLEMENTED"],
  },
  "gzip that is none": {
    paths,
    body: [grpcFrame(Buffer.alloc(10), { compressed: 1 })],
    headers: { "grpc-encoding": "gzip" },
    codes: ["INVALID_ARGUMENT"],
  },
  "a deadline that is none": {
    paths,
    body: [grpcFrame(noMessage)],
    headers: { "grpc-timeout": "soon" },
    codes: ["INTERNAL"],
  },
} as const;

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

/** A service, and the header that lets admin calls in. */
async function startAdministered() {
  const dataDir = temporaryFolder().path;
  const service = await startService({ dataDir });
  const token = readFileSync(join(dataDir, "admin-token"), "utf8").trim();
  return { service, headers: { authorization: `Bearer ${token}` } };
}

test("refuses what is no request with a status that fits, on every method", async () => {
  const { service, headers } = await startAdministered();
  const session = connectHttp2(service.address);
  const cases = Object.entries(rubbish).flatMap(([what, { paths: fitting, ...request }]) =>
    fitting.map((path) => ({
      what,
      path,
      ...request,
      headers: { ...headers, ...("headers" in request && request.headers) },
    })),
  );

  const answers = await Promise.all(
    cases.map(async ({ what, codes, ...request }) => {
      const { code, resetCode, statusBlockBytes } = await requestRaw(session, request);
      const fits = codes.some((fitting) => fitting === code) && resetCode === undefined;
      return { what, path: request.path, code, resetCode, statusBlockBytes, fits };
    }),
  );

  expect(answers).toHaveLength(6 * 22 + 2 * 20);
  expect(answers.filter(({ fits }) => !fits)).toEqual([]);
  expect(Math.max(...answers.map(({ statusBlockBytes }) => statusBlockBytes))).toBeLessThan(statusBlockBytesMax);
  session.destroy();
  await roundTrip(service.address);
});

test("names the method when a request is no protobuf of its type", async () => {
  const { service, headers } = await startAdministered();
  const session = connectHttp2(service.address);
  const body = [grpcFrame(noProtobuf)];

  const answers = await Promise.all(
    paths.map(async (path) => ({ path, answer: await requestRaw(session, { path, headers, body }) })),
  );

  expect(answers).toHaveLength(22);
  for (const { path, answer } of answers) {
    expect(answer).toMatchObject({
      code: "INVALID_ARGUMENT",
      errorInfos: 1,
      reason: "REQUEST_UNREADABLE",
      domain: "activityevents",
      metadata: { method: path },
    });
    expect(answer.statusBlockBytes).toBeLessThan(statusBlockBytesMax);
  }
  session.destroy();
  await roundTrip(service.address);
});

test.each(reflectionPaths)("lives on after a request to %s that is no protobuf", async (path) => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const session = connectHttp2(service.address);

  const answer = await requestRaw(session, { path, body: [grpcFrame(noProtobuf)] });

  expect(service.hasExited).toBe(false);
  expect(["INVALID_ARGUMENT", "INTERNAL"]).toContain(answer.code);
  session.destroy();
  await roundTrip(service.address);
});

test("answers unknown methods with UNIMPLEMENTED, and what is no gRPC with an HTTP status", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const session = connectHttp2(service.address);
  const unknown = ["/", "//", "/%00", "/__proto__", "/activityevents.v1.ActivityEventsService", `${createEventPath}s`]
    .concat("/activityevents.v1.ActivityEventsService/constructor", "/activityevents.v2.ActivityEventsService/GetEvent")
    .concat(`/${"a".repeat(4_000)}`);

  const answers = await Promise.all(unknown.map((path) => requestRaw(session, { path, body: [grpcFrame(noMessage)] })));
  const json = await requestRaw(session, { path: createEventPath, headers: { "content-type": "application/json" } });

  expect(answers.map(({ code }) => code)).toEqual(Array(unknown.length).fill("UNIMPLEMENTED"));
  expect(Math.max(...answers.map(({ statusBlockBytes }) => statusBlockBytes))).toBeLessThan(statusBlockBytesMax);
  expect(json.httpStatus).toBe(415);
  session.destroy();
  await roundTrip(service.address);
});

test("refuses messages of 100 MB, and a gigabyte that is packed into one, without holding them", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  await roundTrip(service.address);
  const bytesBefore = service.residentBytes();
  let bytesMost = bytesBefore;
  const sampling = setInterval(() => {
    bytesMost = Math.max(bytesMost, service.residentBytes());
  }, 5);
  const session = connectHttp2(service.address);
  const large = randomBytes(100_000_000);
  const packed = grpcFrame(gzipSync(Buffer.alloc(1_024 * MiB)), { compressed: 1 });

  const answers: unknown[] = [];
  for (let times = 0; times < 5; times += 1) {
    answers.push((await refusalOf(callRaw(connect(service.address), createEventPath, large))).code);
    const bomb = { path: createEventPath, headers: { "grpc-encoding": "gzip" }, body: [packed] };
    answers.push((await requestRaw(session, bomb)).code);
  }
  clearInterval(sampling);

  process.stderr.write(
    `unreadable-requests: ${Math.round((bytesMost - bytesBefore) / MiB)} MiB more for 10 huge messages\n`,
  );
  expect(answers).toEqual(Array(10).fill("RESOURCE_EXHAUSTED"));
  expect(bytesMost - bytesBefore).toBeLessThan(150 * MiB);
  session.destroy();
  await roundTrip(service.address);
});

test("answers requests that were damaged on the way with what the caller did wrong, never with a fault of its own", async () => {
  const random = seededRandom("unreadable-requests");
  const service = await startService({ dataDir: temporaryFolder().path });
  const client = connect(service.address);
  const requests = openPaths.map((path) => [path, requestFor(path)] as const);

  const codes = new Map<string, number>();
  const wrong: unknown[] = [];
  for (let times = 0; times < 200; times += 1) {
    const damaged = requests.map(([path, request]) => ({ path, bytes: damage(request, random) }));
    const answers = await Promise.all(damaged.map(({ path, bytes }) => firstAnswer(client, path, bytes)));
    for (const [index, answer] of answers.entries()) {
      codes.set(answer.code, (codes.get(answer.code) ?? 0) + 1);
      if (!isCallersFault(answer)) wrong.push({ ...damaged[index], answer });
    }
  }

  process.stderr.write(`unreadable-requests: ${JSON.stringify(Object.fromEntries(codes))}\n`);
  expect(wrong).toEqual([]);
  // The test is about nothing if the damage is never noticed, or always in the same way.
  expect(codes.get("INVALID_ARGUMENT")).toBeGreaterThan(100);
  expect(codes.get("OK")).toBeGreaterThan(100);
  expect(service.log.filter(({ severity }) => severity === "ERROR")).toEqual([]);
  await roundTrip(service.address);
});

/** A request that the method would take. */
function requestFor(path: string): Uint8Array {
  const encode = <Schema extends DescMessage>(schema: Schema, message: MessageInitShape<Schema>) =>
    toBinary(schema, create(schema, message));
  const event = {
    eventId: "build-1",
    deploymentId: "release-42",
    type: "deployment.finished",
    outcome: Outcome.FAILURE,
    severity: Severity.ERROR,
    message: "it did not start",
    sendTime: { seconds: 1_700_000_000n, nanos: 123_456_789 },
    source: "//ci/pipelines/7",
    url: "https://ci.example/7",
    labels: { team: "blue", tier: "1" },
    data: { attempts: 3, hosts: ["a", "b"], last: null, deep: { er: true } },
    traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  };
  if (path === createEventPath) return encode(CreateEventRequestSchema, { event, expectedSequence: 0n });
  if (path === methodPath(methods.batchCreateEvents)) {
    return encode(BatchCreateEventsRequestSchema, { deploymentId: "release-42", events: [event, { message: "and" }] });
  }
  if (path === methodPath(methods.streamEvents)) {
    const filter = { typePrefix: "deployment.", labels: { team: "blue" }, receiveTimeFrom: { seconds: 1n } };
    return encode(StreamEventsRequestSchema, { deploymentId: "release-42", afterSequence: 1n, follow: true, filter });
  }
  // The fields of the other methods are strings and numbers at the same places.
  return encode(ListEventsRequestSchema, { deploymentId: "release-42", pageSize: 7, pageToken: "cGFnZQ" });
}

/** The bytes after some accidents, or none. */
function damage(request: Uint8Array, random: SeededRandom): Buffer {
  let bytes = Buffer.from(request);
  for (let accidents = random.between(0, 3); accidents > 0; accidents -= 1) {
    const at = random.between(0, Math.max(0, bytes.length - 1));
    const some = Buffer.from(Array.from({ length: random.between(1, 9) }, () => random.between(0, 255)));
    const accident = random.pick(["flip", "cut", "insert", "double", "overwrite"]);
    if (accident === "flip") bytes.writeUInt8((bytes[at] ?? 0) ^ (1 << random.between(0, 7)), at);
    else if (accident === "cut") bytes = bytes.subarray(0, Math.max(1, at));
    else if (accident === "insert") bytes = Buffer.concat([bytes.subarray(0, at), some, bytes.subarray(at)]);
    else if (accident === "double") bytes = Buffer.concat([bytes, bytes.subarray(at)]);
    else some.copy(bytes, at);
  }
  return bytes;
}

/** The status of a call, or OK and no more of it once its first message has come. */
function firstAnswer(client: Client, path: string, request: Uint8Array): Promise<Refused> {
  const stream = client.makeServerStreamRequest<Uint8Array, Buffer>(
    path,
    (bytes) => Buffer.from(bytes),
    (bytes) => bytes,
    request,
  );
  return new Promise((resolve) => {
    const ok = () => resolve({ code: "OK", message: "", ...decodeDetails(undefined) });
    stream.on("data", () => {
      ok();
      stream.cancel();
    });
    stream.on("end", ok);
    stream.on("error", (error) => resolve(refusalOf(Promise.reject(error))));
  });
}

function isCallersFault({ code, errorInfos, domain }: Refused): boolean {
  if (code === status[status.OK]) return true;
  // A flipped bit may ask for what is deleted, which only admins may see.
  const callers = ["INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "ABORTED", "OUT_OF_RANGE", "PERMISSION_DENIED"];
  return callers.includes(code) && errorInfos === 1 && domain === "activityevents";
}
