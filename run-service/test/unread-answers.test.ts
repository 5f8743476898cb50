import { limits } from "@activity-events/event-store";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, jest, test } from "@jest/globals";
import { until } from "../../e2e/until.ts";
import { UnreadAnswers } from "../src/grpc/unread-answers.ts";
import { embedService } from "./embed-service.ts";
import { newDeploymentId, newEvents } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { sendMessage, UnreadConnection } from "./unread-connection.ts";

const { batchCreateEvents, listEvents } = ActivityEventsService.method;

const MiB = 1024 * 1024;
const nobodyEnds = { end: () => {} };
const tooMany = expect.objectContaining({ reason: "TOO_MANY_UNREAD", retryDelayMs: 1_000 });

test("refuses a connection more answers than it may leave unread, until it has read some", () => {
  const unread = new UnreadAnswers(nobodyEnds);
  const count = limits.unreadAnswerBytesMax / (2 * MiB);
  for (let answer = 0; answer < count; answer += 1) unread.hold("a", 2 * MiB);

  expect(() => unread.hold("a", 1)).toThrow(tooMany);
  expect(() => unread.hold("b", 2 * MiB)).not.toThrow();
  unread.release("a", 2 * MiB);
  expect(() => unread.hold("a", 2 * MiB)).not.toThrow();
});

test("refuses large answers to all when all together leave too much unread, and small ones to none of the others", () => {
  const unread = new UnreadAnswers(nobodyEnds);
  const connections = limits.unreadAnswerBytesTotalMax / (16 * MiB);
  for (let peer = 0; peer < connections; peer += 1) unread.hold(`${peer}`, 16 * MiB);

  expect(() => unread.hold("another", limits.smallAnswerBytesMax + 1)).toThrow(tooMany);
  expect(() => unread.hold("another", limits.smallAnswerBytesMax)).not.toThrow();
});

test("always has room for one answer of a connection that has read all", () => {
  const unread = new UnreadAnswers(nobodyEnds);

  expect(() => unread.hold("a", limits.unreadAnswerBytesMax + 1)).not.toThrow();
});

/** Lets the monotonic clock go on by so much at once. */
function passTime(ms: number): void {
  const now = performance.now.bind(performance);
  jest.spyOn(performance, "now").mockImplementation(() => now() + ms);
}

afterEach(() => {
  jest.restoreAllMocks();
});

test("ends the connections that have taken nothing for a minute when there is too much, and no others", () => {
  const ended: string[] = [];
  const unread = new UnreadAnswers({ end: (peer) => ended.push(peer) });
  for (const peer of ["a", "b", "c", "d"]) {
    for (let answer = 0; answer < 16; answer += 1) unread.hold(peer, 2 * MiB);
  }

  passTime(limits.unreadAnswerTimeMs + 1);
  unread.release("b", MiB);
  unread.hold("b", MiB);
  const endedWithoutNeed = [...ended];
  expect(() => unread.hold("e", MiB)).toThrow(tooMany);

  expect(endedWithoutNeed).toEqual([]);
  expect(ended).toEqual(["a", "c", "d"]);
});

test("clients that live and never read are refused more, and make room for others after a minute", async () => {
  await using service = await embedService();
  const deploymentId = newDeploymentId();
  const events = newEvents(deploymentId, 400, { message: "m".repeat(8_000) });
  for (let from = 0; from < events.length; from += 200) {
    await service.client.call(batchCreateEvents, { deploymentId, events: events.slice(from, from + 200) });
  }
  const request = { deploymentId, pageSize: 1_000 };
  const connections = await Promise.all(Array.from({ length: 5 }, () => UnreadConnection.open(service.address)));
  const codes = connections.map((connection) =>
    Promise.all(
      Array.from({ length: 11 }, () => {
        const stream = connection.call(listEvents);
        sendMessage(stream, toBinary(listEvents.input, create(listEvents.input, request)));
        stream.end();
        // A refusal has no message, so that it comes whether messages are taken or not.
        return new Promise((resolve) => stream.on("response", (headers) => resolve(headers["grpc-status"])));
      }),
    ),
  );

  const [ofFirst] = await Promise.all(codes);
  const before = await refusalOf(service.client.call(listEvents, request));
  const openBefore = connections.map(({ isOpen }) => isOpen);
  passTime(limits.unreadAnswerTimeMs + 1);
  await until(
    () =>
      service.client.call(listEvents, request).then(
        () => true,
        () => false,
      ),
    "there is room again",
  );
  await until(() => connections.every(({ isOpen }) => !isOpen), "they hear of their end");

  expect(ofFirst?.filter((code) => code === "8")).toHaveLength(1);
  expect(before).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "TOO_MANY_UNREAD", retryDelayMs: 1_000 });
  expect(openBefore).toEqual(Array(5).fill(true));
});
