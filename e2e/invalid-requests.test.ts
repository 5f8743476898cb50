import {
  BatchCreateEventsRequestSchema,
  CreateEventRequestSchema,
  GetDeploymentRequestSchema,
  GetEventRequestSchema,
  ListEventsRequestSchema,
  StreamEventsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { EventSchema, Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { call, callRaw, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { connectHttp2, grpcFrame, type RawAnswer, requestRaw } from "@activity-events/testing/raw-http2";
import { refusalOf } from "@activity-events/testing/refusal";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { create, type DescMessage, type DescMethod, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, jest, test } from "@jest/globals";
import { roundTrip } from "./round-trip.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

type EventInit = MessageInitShape<typeof EventSchema>;

/** What clients accept by default of a block of headers. */
const statusBlockBytesMax = 8 * 1_024;

const invalid = { code: "INVALID_ARGUMENT", errorInfos: 1, reason: "REQUEST_INVALID", domain: "activityevents" };
const yearTwentyThousand = 568_971_820_800n;
const wrongIds = [
  "a/b",
  "../a",
  "/",
  "a\0b",
  "\0",
  ".",
  "..",
  "__x__",
  "_a",
  "a b",
  "a\n",
  "é",
  "🙂",
  "%2F",
  "a".repeat(129),
];

/** What is wrong with an event, the fields that make it so, and the field that is named. */
const excesses: readonly (readonly [string, EventInit, string])[] = [
  ["10,000 labels", { labels: labels(10_000, () => "x") }, "event.labels"],
  ["a label of 2 MiB", { labels: { log: "x".repeat(2_097_152) } }, 'event.labels["log"]'],
  ["a send time in the year 20000", { sendTime: { seconds: yearTwentyThousand } }, "event.send_time"],
  ["a send time before all years", { sendTime: { seconds: -(2n ** 63n) } }, "event.send_time"],
  ["nanoseconds that are no part of a second", { sendTime: { seconds: 1n, nanos: -1 } }, "event.send_time"],
  ["a message of 3 MiB", { message: "x".repeat(3 * 1_024 * 1_024) }, "event.message"],
  ["a severity that nobody knows", { severity: 2_147_483_647 as Severity }, "event.severity"],
  ["an outcome that nobody knows", { outcome: -1 as Outcome, type: "deployment.finished" }, "event.outcome"],
  ["data of 1 MiB", { data: { log: "x".repeat(1_048_576) } }, "event.data"],
  ["data of 30 levels", { data: nested(30) }, "event.data"],
  ["data with numbers that are none", { data: { not: Number.NaN, of: Number.POSITIVE_INFINITY } }, "event.data"],
  ["a URL with a NUL", { url: "https://ci.example/\0" }, "event.url"],
];

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test("refuses ids with slashes, NULs and the like wherever an id is given, and names the field", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const fine = "release-42";

  const answers: { field: string; answer: RawAnswer }[] = [];
  const ask = async <Input extends DescMessage>(
    method: DescMethod,
    schema: Input,
    request: MessageInitShape<Input>,
    field: string,
  ) => answers.push({ field, answer: await answerTo(service.address, method, schema, request) });
  for (const wrong of wrongIds) {
    const { createEvent, batchCreateEvents, getEvent, listEvents, streamEvents, getDeployment } = methods;
    const event = { deploymentId: fine, eventId: fine, message: "m" };
    await ask(createEvent, CreateEventRequestSchema, { event: { ...event, eventId: wrong } }, "event.event_id");
    await ask(
      createEvent,
      CreateEventRequestSchema,
      { event: { ...event, deploymentId: wrong } },
      "event.deployment_id",
    );
    const batch = { deploymentId: fine, events: [event, { message: "m", eventId: wrong }] };
    await ask(batchCreateEvents, BatchCreateEventsRequestSchema, batch, "events[1].event_id");
    const ofWrong = { deploymentId: wrong, events: [{ message: "m" }] };
    await ask(batchCreateEvents, BatchCreateEventsRequestSchema, ofWrong, "deployment_id");
    await ask(getEvent, GetEventRequestSchema, { deploymentId: fine, eventId: wrong }, "event_id");
    await ask(getEvent, GetEventRequestSchema, { deploymentId: wrong, eventId: fine }, "deployment_id");
    await ask(listEvents, ListEventsRequestSchema, { deploymentId: wrong }, "deployment_id");
    await ask(streamEvents, StreamEventsRequestSchema, { deploymentId: wrong, follow: true }, "deployment_id");
    await ask(getDeployment, GetDeploymentRequestSchema, { deploymentId: wrong }, "deployment_id");
  }

  expect(answers).toHaveLength(wrongIds.length * 9);
  for (const { field, answer } of answers) expect(answer).toMatchObject({ ...invalid, fields: [field] });
  const { deployments } = await call(connect(service.address), methods.listDeployments, {});
  expect(deployments).toEqual([]);
  await roundTrip(service.address);
});

test("refuses events of more, or of other, than the contract allows, and names the field", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });

  const answers: { what: string; field: string; answer: RawAnswer }[] = [];
  for (const [what, fields, field] of excesses) {
    const event = { deploymentId: "release-42", eventId: "build-1", message: "built", ...fields };
    const answer = await answerTo(service.address, methods.createEvent, CreateEventRequestSchema, { event });
    answers.push({ what, field, answer });
  }

  for (const { what, field, answer } of answers) {
    const expected = { ...invalid, fields: [field], metadata: { violations_total: "1" } };
    expect({ what, answer }).toMatchObject({ what, answer: expected });
  }
  await roundTrip(service.address);
});

test("refuses filters and pages out of the world, and names every field", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const filter = {
    typePrefix: "x".repeat(1_000),
    severityMin: 7 as Severity,
    receiveTimeFrom: { seconds: yearTwentyThousand },
    receiveTimeBefore: { seconds: -yearTwentyThousand * 10n },
    labels: labels(1_000, () => "x"),
  };
  const request = { deploymentId: "release-42", pageSize: -1, pageToken: "\0".repeat(10_000), orderBy: 99, filter };

  const answer = await answerTo(service.address, methods.listEvents, ListEventsRequestSchema, request);

  expect(answer).toMatchObject(invalid);
  expect([...answer.fields].sort()).toEqual([
    "filter.labels",
    "filter.receive_time_before",
    "filter.receive_time_from",
    "filter.severity_min",
    "filter.type_prefix",
    "order_by",
    "page_size",
  ]);
  await roundTrip(service.address);
});

test("answers 10,000 faults in one request so that a client can read it", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const tooLong = "x".repeat(257);
  const event = (index: number): EventInit => ({
    eventId: `not/an/id/${index}`,
    deploymentId: "another",
    type: tooLong,
    actor: tooLong,
    environment: tooLong,
    service: tooLong,
    revision: tooLong,
    commit: tooLong,
    source: "no uri\0",
    url: "no url\0",
    traceParent: "none",
    sendTime: { seconds: yearTwentyThousand },
    outcome: 99 as Outcome,
    severity: 1 as Severity,
    data: { not: Number.NaN },
    labels: { "": "x", ...labels(4, (label) => `${label}`.padEnd(257, "x")) },
  });
  const request = { deploymentId: "release-42", events: Array.from({ length: 500 }, (_, index) => event(index)) };

  const answer = await answerTo(service.address, methods.batchCreateEvents, BatchCreateEventsRequestSchema, request);

  expect(answer).toMatchObject({ ...invalid, metadata: { violations_total: "10000" } });
  expect(answer.fields.length).toBeGreaterThanOrEqual(10);
  expect(answer.fields.slice(0, 3)).toEqual(["events[0].deployment_id", "events[0].event_id", "events[0].type"]);
  await roundTrip(service.address);
});

test("refuses a batch of 10,000 events, and one of more than 3 MiB, as a whole", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const many = { deploymentId: "many", events: Array.from({ length: 10_000 }, () => ({ message: "m" })) };
  const large = { deploymentId: "large", events: Array.from({ length: 450 }, () => ({ message: "m".repeat(8_000) })) };

  const answers = [
    await answerTo(service.address, methods.batchCreateEvents, BatchCreateEventsRequestSchema, many),
    await answerTo(service.address, methods.batchCreateEvents, BatchCreateEventsRequestSchema, large),
  ];

  for (const answer of answers) expect(answer).toMatchObject({ ...invalid, fields: ["events"] });
  const { deployments } = await call(connect(service.address), methods.listDeployments, {});
  expect(deployments).toEqual([]);
  await roundTrip(service.address);
});

test("names conflicts of 500 events with long ids so that a client can read it", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const client = connect(service.address);
  const deploymentId = "d".repeat(128);
  const batch = (message: string) => ({
    deploymentId,
    events: Array.from({ length: 500 }, (_, index) => ({
      eventId: `${index}`.padEnd(128, "e"),
      message,
      revision: message,
    })),
  });
  await call(client, methods.batchCreateEvents, batch("first"));

  const answer = await answerTo(
    service.address,
    methods.batchCreateEvents,
    BatchCreateEventsRequestSchema,
    batch("second"),
  );

  expect(answer).toMatchObject({
    code: "ALREADY_EXISTS",
    errorInfos: 1,
    reason: "EVENT_ID_CONFLICT",
    metadata: { deployment_id: deploymentId, fields: "message,revision", violations_total: "500" },
  });
  expect(answer.fields.slice(0, 3)).toEqual(["events[0]", "events[1]", "events[2]"]);
  await roundTrip(service.address);
});

/**
 * The answer to a request as it is on the wire, which clients of every language must be able to read, and as a grpc-js
 * client with its own settings reads it.
 */
async function answerTo<Input extends DescMessage>(
  address: string,
  method: DescMethod,
  schema: Input,
  request: MessageInitShape<Input>,
): Promise<RawAnswer> {
  const path = methodPath(method);
  const message = toBinary(schema, create(schema, request));
  const session = connectHttp2(address);
  const answer = await requestRaw(session, { path, body: [grpcFrame(message)] });
  session.destroy();
  expect(answer.resetCode).toBeUndefined();
  expect(answer.statusBlockBytes).toBeLessThan(statusBlockBytesMax);

  const client = connect(address);
  const { code, reason, fields, metadata } = await refusalOf(callRaw(client, path, message));
  client.close();
  expect({ code, reason, fields, metadata }).toEqual({
    code: answer.code,
    reason: answer.reason,
    fields: answer.fields,
    metadata: answer.metadata,
  });
  return answer;
}

function labels(count: number, key: (label: number) => string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, label) => [`${label}${key(label)}`, "value"]));
}

function nested(levels: number): EventInit["data"] {
  return levels === 1 ? {} : { deeper: nested(levels - 1) ?? {} };
}
