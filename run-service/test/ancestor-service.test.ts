import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { refusalOf } from "./read-refusal.ts";
import { stores } from "./start-service.ts";

const { createEvent, listEvents } = ActivityEvents.method;
const v1 = ActivityEventsService.method;
const uuidv7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const [int32Min, int32Max] = [-(2 ** 31), 2 ** 31 - 1];
const [int64Min, int64Max] = [-(2n ** 63n), 2n ** 63n - 1n];

describe.each(stores)("the ancestor's service on %s", (store) => {
  let service: EmbeddedService;
  // Each test has the clock at 5 s and a deployment of its own.
  const clock = { us: 5_000_000 };
  let deployments = 200;
  const newId = () => ++deployments;
  beforeAll(async () => {
    service = await embedService({ store, clock: () => clock.us });
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
  });

  type Request = Parameters<typeof service.client.call<typeof createEvent>>[1];
  const record = (request: Request) => service.client.call(createEvent, request);
  const list = (id: number) => service.client.stream(listEvents, { id }).rest();
  const recordInV1 = (deploymentId: string, eventId: string) =>
    service.client.call(v1.createEvent, { event: { deploymentId, eventId, message: `event ${eventId}` } });

  test("records an event, tells its id and how many milliseconds it was under way, and lists it field for field", async () => {
    const deploymentId = newId();

    const answer = await record({ id: 7, deploymentId, message: "built", timestamp: { send: 4_996_000_001n } });
    const events = await list(deploymentId);

    expect(answer).toMatchObject({ id: 7, success: true, executionTime: 3n });
    expect(events).toMatchObject([
      { id: 7, deploymentId, message: "built", timestamp: { send: 4_996_000_001n, receive: 5_000_000_000n } },
    ]);
  });

  test("has the ancestor's field numbers and types on the wire", async () => {
    const deploymentId = newId();
    const id = deploymentId < 128 ? [deploymentId] : [(deploymentId & 127) | 128, deploymentId >> 7];
    // id = 1, message = 2, timestamp { send = 1 } = 3, deployment_id = 4; 5 s and 1 ns before that.
    const send = [0x80, 0xe4, 0x97, 0xd0, 0x12];
    const request = Buffer.from([0x08, 0x01, 0x12, 0x01, 0x78, 0x1a, 0x06, 0x08, ...send, 0x20, ...id]);

    const created = await service.client.callPath("/activityevents.ActivityEvents/CreateEvent", request);
    const listed = await service.client
      .serverStreamOfPath("/activityevents.ActivityEvents/ListEvents", Buffer.from([0x08, ...id]))
      .rest();

    // id = 1, success = 2, execution_time = 3 (absent, since it is 0).
    expect([...created]).toEqual([0x08, 0x01, 0x10, 0x01]);
    // The same with timestamp { send = 1, receive = 2 }.
    const stamp = [0x08, ...send, 0x10, ...send];
    expect(listed.map((bytes) => [...bytes])).toEqual([
      [0x08, 0x01, 0x12, 0x01, 0x78, 0x1a, stamp.length, ...stamp, 0x20, ...id],
    ]);
    expect([methodPath(createEvent), methodPath(listEvents)]).toEqual([
      "/activityevents.ActivityEvents/CreateEvent",
      "/activityevents.ActivityEvents/ListEvents",
    ]);
  });

  // Each answer is the one that the ancestor's own server gave, but for the fields that it does not know.
  test.each([
    ["an id beyond 32 bits, of which the low ones count", "08 87 80 80 80 10", "08 07"],
    ["an id of -1 in five bytes", "08 ff ff ff ff 0f", "08 ff ff ff ff ff ff ff ff ff 01"],
    ["a field twice, of which the last counts", "08 01 12 01 79 12 01 78 08 02", "08 02"],
    ["a timestamp in two parts, which are one", "08 03 1a 02 10 05", "08 03"],
    ["fields that it does not know, which are dropped", "08 04 48 05 a2 06 02 7a 7a 4b 08 01 4c", "08 04"],
    ["no id", "12 01 78", ""],
  ])("reads %s", async (_, fields, id) => {
    const deploymentId = newId();
    const bytes = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");
    const deployment = [0x20, (deploymentId & 127) | 128, deploymentId >> 7];
    const stamp = bytes("1a 06 08 80 e4 97 d0 12");
    const path = "/activityevents.ActivityEvents/";

    const answer = await service.client.callPath(
      `${path}CreateEvent`,
      Buffer.concat([bytes("12 01 78"), stamp, bytes(fields), Buffer.from(deployment)]),
    );
    const [listed] = await service.client
      .serverStreamOfPath(`${path}ListEvents`, Buffer.from([0x08, ...deployment.slice(1)]))
      .rest();

    expect(answer).toEqual(Buffer.concat([bytes(id), bytes("10 01")]));
    const times = bytes("1a 0c 08 80 e4 97 d0 12 10 80 e4 97 d0 12");
    expect(listed).toEqual(Buffer.concat([bytes(id), bytes("12 01 78"), times, Buffer.from(deployment)]));
  });

  test("refuses text that is no UTF-8 and what is no message, and stores nothing", async () => {
    const deploymentId = newId();
    const path = "/activityevents.ActivityEvents/CreateEvent";
    const deployment = [0x20, (deploymentId & 127) | 128, deploymentId >> 7];

    for (const wrong of [
      [0x12, 0x01, 0xff],
      [0x12, 0x03, 0xed, 0xa0, 0x80],
      [0x12, 0x7f],
      [0x00, 0x01],
    ]) {
      const refusal = await refusalOf(service.client.callPath(path, Buffer.from([...deployment, ...wrong])));
      expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_UNREADABLE" });
    }
    expect(await list(deploymentId)).toEqual([]);
  });

  test("tells a negative time when the client's clock is ahead", async () => {
    const { executionTime } = await record({ id: 1, deploymentId: newId(), timestamp: { send: 5_002_000_000n } });

    expect(executionTime).toBe(-2n);
  });

  test.each([
    ["no timestamp", {}],
    ["a timestamp without a send time", { timestamp: { receive: 9n } }],
  ])("fills in the time of sending for %s", async (_, timestamp) => {
    const deploymentId = newId();

    const answer = await record({ id: 1, deploymentId, message: "x", ...timestamp });
    const events = await list(deploymentId);

    expect(answer).toMatchObject({ success: true, executionTime: 0n });
    expect(events).toMatchObject([{ timestamp: { send: 5_000_000_000n, receive: 5_000_000_000n } }]);
  });

  test("stores an event that is sent twice once, and answers it as a success again", async () => {
    const deploymentId = newId();

    const first = await record({ id: 1, deploymentId, message: "x", timestamp: { send: 4_990_000_000n } });
    clock.us += 1_000_000;
    const again = await record({ id: 1, deploymentId, message: "x", timestamp: { send: 4_999_000_000n } });
    clock.us -= 1_000_000;
    const events = await list(deploymentId);

    expect(again).toEqual(first);
    expect(events).toMatchObject([{ timestamp: { send: 4_990_000_000n } }]);
  });

  test("refuses the same id with another message", async () => {
    const deploymentId = newId();

    await record({ id: 1, deploymentId, message: "x" });
    const refusal = await refusalOf(record({ id: 1, deploymentId, message: "y" }));

    expect(refusal).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "EVENT_ID_CONFLICT",
      metadata: { deployment_id: `${deploymentId}`, event_id: "1", sequence: "1", fields: "message" },
      fields: ["id"],
    });
  });

  test("takes 64 KiB of message, an empty one as well, and names the field of one that is longer", async () => {
    const deploymentId = newId();

    await record({ id: 1, deploymentId, message: "" });
    await record({ id: 2, deploymentId, message: "m".repeat(65_536) });
    const refusal = await refusalOf(record({ id: 3, deploymentId, message: "m".repeat(65_537) }));

    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_INVALID", fields: ["message"] });
    expect((await list(deploymentId)).map(({ message }) => message.length)).toEqual([0, 65_536]);
  });

  test("takes every int32 for an event's id", async () => {
    const deploymentId = newId();
    const ids = [-1, 1, int32Min, int32Max];

    for (const id of ids) await record({ id, deploymentId, message: `${id}` });
    const events = await list(deploymentId);

    expect(events.map(({ id }) => id)).toEqual(ids);
    expect(events.map(({ message }) => message)).toEqual(ids.map((id) => `${id}`));
  });

  test("records each event that comes without an id, under an id of the server's, and lists it with the id 0", async () => {
    const deploymentId = newId();

    const answers = [];
    for (const message of ["x", "y", "x", ""]) answers.push(await record({ deploymentId, message }));
    const events = await list(deploymentId);
    const named = await service.client.call(v1.listEvents, { deploymentId: `${deploymentId}` });

    expect(answers).toMatchObject(Array(4).fill({ id: 0, success: true }));
    expect(events.map(({ id, message }) => [id, message])).toEqual([
      [0, "x"],
      [0, "y"],
      [0, "x"],
      [0, ""],
    ]);
    expect(named.events.map(({ eventId }) => eventId)).toEqual(Array(4).fill(expect.stringMatching(uuidv7)));
    expect(new Set(named.events.map(({ eventId }) => eventId)).size).toBe(4);
  });

  test.each([-1, int32Min, int32Max])("takes %i for a deployment's id", async (deploymentId) => {
    await record({ id: 1, deploymentId, message: "x" });

    const events = await list(deploymentId);

    expect(events).toMatchObject([{ id: 1, deploymentId }]);
  });

  test.each([
    ["beyond what a double holds", 1_700_000_000_123_456_789n],
    ["before 1970", -1n],
    ["of the greatest int64", int64Max],
    ["of the least int64", int64Min],
  ])("keeps nanoseconds %s", async (_, send) => {
    const deploymentId = newId();

    await record({ id: 1, deploymentId, timestamp: { send } });
    const [event] = await list(deploymentId);

    expect(event?.timestamp?.send).toBe(send);
  });

  test("lists nothing, with OK, of a deployment that does not exist", async () => {
    const reader = service.client.stream(listEvents, { id: newId() });

    const events = await reader.rest();

    expect(events).toEqual([]);
    expect(await reader.status).toMatchObject({ code: status.OK });
  });

  test("lists more events than a page holds, in order", async () => {
    const deploymentId = newId();
    const events = Array.from({ length: 1_100 }, (_, index) => ({ eventId: `${index + 1}`, message: "x" }));
    for (const from of [0, 500, 1_000]) {
      await service.client.call(v1.batchCreateEvents, {
        deploymentId: `${deploymentId}`,
        events: events.slice(from, from + 500),
      });
    }

    const listed = await list(deploymentId);

    expect(listed.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
  });

  test("shows events of the new contract, those whose id is no int32 with the id 0", async () => {
    const deploymentId = newId();
    const ids = ["build-1", "07", "-0", "2147483648", "1e3", "3", "-3"];

    for (const id of ids) await recordInV1(`${deploymentId}`, id);
    const events = await list(deploymentId);

    expect(events.map(({ id }) => id)).toEqual([0, 0, 0, 0, 0, 3, -3]);
    expect(events.map(({ message }) => message)).toEqual(ids.map((id) => `event ${id}`));
    expect(events.every(({ timestamp }) => timestamp?.send === 0n)).toBe(true);
  });

  test("shows its events in the new contract", async () => {
    const deploymentId = newId();

    await record({ id: -5, deploymentId, message: "x", timestamp: { send: -1n } });
    const { event } = await service.client.call(v1.getEvent, { deploymentId: `${deploymentId}`, eventId: "-5" });

    expect(event).toMatchObject({
      name: `deployments/${deploymentId}/events/-5`,
      sequence: 1n,
      type: "deployment.progress",
      severity: Severity.INFO,
      message: "x",
      sendTime: { seconds: -1n, nanos: 999_999_999 },
      receiveTime: { seconds: 5n, nanos: 0 },
    });
  });

  test("shows a time that its nanoseconds cannot hold as the nearest that they can", async () => {
    const deploymentId = newId();
    for (const [eventId, seconds] of [
      ["1", 253_402_300_799n],
      ["2", -62_135_596_800n],
    ] as const) {
      const event = { deploymentId: `${deploymentId}`, eventId, message: "x", sendTime: { seconds, nanos: 0 } };
      await service.client.call(v1.createEvent, { event });
    }

    const events = await list(deploymentId);

    expect(events.map(({ timestamp }) => timestamp?.send)).toEqual([int64Max, int64Min]);
  });
});
