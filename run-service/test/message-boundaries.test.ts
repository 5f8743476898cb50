import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import {
  ActivityEventsService,
  IngestAcknowledgementSchema,
  IngestEventsRequestSchema,
  IngestEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { encode, reflectionPath } from "@activity-events/testing/reflection-client";
import { create, type DescMethod, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { methodPaths } from "../src/grpc/server/methods.ts";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { acknowledgementsOf } from "./ingest-stream.ts";
import { framed, type RawAnswer, RawConnection } from "./raw-connection.ts";

/** Everything that is recorded here is recorded before, so that the same request has the same answer each time. */
const deploymentId = "42";
const event = { deploymentId, eventId: "7", type: "deployment.started", message: "begun" };
const ancestorEvent = { id: 8, deploymentId: 42, message: "x", timestamp: { send: 1n } };

function request<M extends DescMethod>(method: M, message: MessageInitShape<M["input"]>): [string, Buffer] {
  return [methodPath(method), framed(toBinary(method.input, create(method.input, message)))];
}

const { method } = ActivityEventsService;
const admin = ActivityEventsAdminService.method;
const adminToken = "the-admin-token";
const headers = { authorization: `Bearer ${adminToken}` };
const requests = new Map<string, Buffer>([
  request(method.createEvent, { event }),
  request(method.batchCreateEvents, { deploymentId, events: [event] }),
  request(method.ingestEvents, { events: [event] }),
  request(method.getEvent, { deploymentId, eventId: "7" }),
  request(method.listEvents, { deploymentId, pageSize: 300 }),
  request(method.streamEvents, { deploymentId }),
  request(method.getDeployment, { deploymentId }),
  request(method.listDeployments, { pageSize: 300 }),
  request(method.watchDeployments, { filter: { environment: "prod" } }),
  request(admin.redactEvent, { deploymentId, eventId: "7", dryRun: true }),
  request(admin.deleteDeployment, { deploymentId, dryRun: true }),
  request(admin.undeleteDeployment, { deploymentId, dryRun: true }),
  request(admin.purgeDeployment, { deploymentId, dryRun: true }),
  request(admin.expireDeployments, { dryRun: true }),
  request(admin.replayEvents, { deploymentId, dryRun: true }),
  request(admin.exportEvents, {}),
  request(admin.importEvents, {
    records: [{ record: { case: "header", value: { formatVersion: 1 } } }, { record: { case: "end", value: {} } }],
    dryRun: true,
  }),
  request(ActivityEvents.method.createEvent, ancestorEvent),
  request(ActivityEvents.method.listEvents, { id: 42 }),
  request(Health.method.check, { service: "grpc.health.v1.Health" }),
  request(Health.method.list, {}),
  request(Health.method.watch, { service: "grpc.health.v1.Health" }),
  [reflectionPath("v1"), framed(encode({ listServices: "" }))],
  [reflectionPath("v1alpha"), framed(encode({ listServices: "" }))],
]);

const ingestPath = methodPath(method.ingestEvents);
const importPath = methodPath(admin.importEvents);
/** A store in memory has no mirror. */
const replayPath = methodPath(admin.replayEvents);
/** Streams without an end. */
const watchPaths = [methodPath(Health.method.watch), methodPath(method.watchDeployments)];
const streaming = [ingestPath, importPath, reflectionPath("v1"), reflectionPath("v1alpha")];

/**
 * What a caller is told, in Base64, however it was packed: of an ingest stream the acknowledgements, one by one, and of an import the
 * last message, since progress before it depends on when the records come.
 */
function told(path: string, { code, messages, refusal }: RawAnswer) {
  if (path === importPath) return { code, told: messages.slice(-1).map((bytes) => bytes.toString("base64")), refusal };
  if (path !== ingestPath) return { code, told: messages.map((bytes) => bytes.toString("base64")), refusal };
  const acknowledgements = messages.flatMap((bytes) =>
    acknowledgementsOf(fromBinary(IngestEventsResponseSchema, bytes)),
  );
  const encoded = acknowledgements.map((one) => Buffer.from(toBinary(IngestAcknowledgementSchema, one)));
  return { code, told: encoded.map((bytes) => bytes.toString("base64")), refusal };
}

describe("how a request's bytes are cut into frames", () => {
  let service: EmbeddedService;
  let connection: RawConnection;

  /** A watch has no end, so that it is given up after its first message. */
  const call = async (path: string, pieces: readonly Uint8Array[]) =>
    told(
      path,
      await connection.call(path, pieces, { headers, ...(watchPaths.includes(path) ? { messagesMax: 1 } : {}) }),
    );

  beforeAll(async () => {
    service = await embedService({ adminToken });
    connection = new RawConnection(service.address);
    for (const path of [methodPath(method.createEvent), methodPath(ActivityEvents.method.createEvent)]) {
      await call(path, [requests.get(path) as Buffer]);
    }
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
  });

  test("is tried with a request of every method", () => {
    expect([...requests.keys()].sort()).toEqual([...[...methodPaths]].sort());
  });

  test.each([...methodPaths])("makes no difference to %s, wherever the cut is", async (path) => {
    const whole = requests.get(path) as Buffer;

    const plain = await call(path, [whole]);
    const cuts = Array.from({ length: whole.length - 1 }, (_, index) => index + 1);
    const answers = await Promise.all(cuts.map((at) => call(path, [whole.subarray(0, at), whole.subarray(at)])));

    expect(plain.code ?? 0).toBe(path === replayPath ? status.FAILED_PRECONDITION : status.OK);
    for (const answer of answers) expect(answer).toEqual(plain);
  });

  test.each([...methodPaths])("makes no difference to %s, byte by byte, with empty frames between", async (path) => {
    const whole = requests.get(path) as Buffer;

    const plain = await call(path, [whole]);
    const answer = await call(path, [...[...whole].flatMap((byte) => [Buffer.of(byte), Buffer.alloc(0)])]);
    const halfClosedLater = await call(path, [whole, Buffer.alloc(0)]);

    expect(answer).toEqual(plain);
    expect(halfClosedLater).toEqual(plain);
  });

  test.each([...methodPaths].filter((path) => !streaming.includes(path)))(
    "makes no difference to %s when it gets two messages, or none",
    async (path) => {
      const whole = requests.get(path) as Buffer;

      const apart = await connection.call(path, [whole, whole], { headers });
      const joined = await connection.call(path, [Buffer.concat([whole, whole])], { headers });
      const none = await connection.call(path, [Buffer.alloc(0)], { headers });

      expect(joined).toEqual(apart);
      expect([apart.refusal?.code, none.refusal?.code]).toEqual(["UNIMPLEMENTED", "UNIMPLEMENTED"]);
    },
  );

  test.each(streaming)("makes no difference to %s, from 2 to 100 messages in one frame", async (path) => {
    const messages = Array.from({ length: 100 }, (_, index) => numbered(path, index));

    const plain = await call(path, messages);
    expect(plain.code).toBe(0);
    for (let size = 2; size <= 100; size += 1) {
      const frames = Array.from({ length: Math.ceil(100 / size) }, (_, index) =>
        Buffer.concat(messages.slice(index * size, (index + 1) * size)),
      );

      expect(await call(path, frames)).toEqual(plain);
    }
  });

  test("makes no difference to thousands of events, joined and cut at random places", async () => {
    const count = 5_000;
    const bytes = Buffer.concat(Array.from({ length: count }, (_, index) => numbered(ingestPath, index % 100)));
    const pieces: Buffer[] = [];
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 3_001) {
      pieces.push(bytes.subarray(at, at + size));
    }

    const { code, told: acknowledgements } = await call(ingestPath, pieces);

    expect(code).toBe(0);
    const ordinals = acknowledgements.map(
      (bytes) => fromBinary(IngestAcknowledgementSchema, Buffer.from(bytes, "base64")).ordinal,
    );
    expect(ordinals).toEqual(Array.from({ length: count }, (_, index) => BigInt(index + 1)));
  });

  /** One of 100 messages of an import: the header, messages without a record, and the end. */
  function importMessage(index: number): Buffer {
    const { input } = admin.importEvents;
    const header = { record: { case: "header" as const, value: { formatVersion: 1 } } };
    const end = { record: { case: "end" as const, value: {} } };
    const records = index === 0 ? [header] : index === 99 ? [end] : [];
    return framed(toBinary(input, create(input, { records, dryRun: true })));
  }

  /** A message that differs from the others, and whose answer is the same each time. */
  function numbered(path: string, index: number): Buffer {
    if (path === importPath) return importMessage(index);
    if (path !== ingestPath) return framed(encode({ fileContainingSymbol: `no.such.Symbol${index}` }));
    // Sequences depend on what was recorded first; a refused event has none.
    const events = [{ deploymentId: `no deployment ${index}`, message: "x" }];
    return framed(toBinary(IngestEventsRequestSchema, create(IngestEventsRequestSchema, { events })));
  }
});
