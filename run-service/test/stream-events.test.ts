import {
  ActivityEventsService,
  type StreamEventsRequestSchema,
  StreamEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import { frameInWords, inRanges, isFrame, sequencesIn } from "./frame-in-words.ts";
import { type EventInit, newDeploymentId, newEvent, newEvents } from "./new-event.ts";
import { readRefusal, refusalOf } from "./read-refusal.ts";
import { serviceOfSuite, stores } from "./start-service.ts";

const { batchCreateEvents, createEvent, streamEvents } = ActivityEventsService.method;

type StreamRequest = Exclude<MessageInitShape<typeof StreamEventsRequestSchema>, { $typeName: string }>;

describe.each(stores)("StreamEvents on %s", (store) => {
  const service = serviceOfSuite({ STORE: store });
  const stream = (request: StreamRequest) => service.client.stream(streamEvents, request);
  const record = (deploymentId: string, fields: EventInit = {}) =>
    service.client.call(createEvent, { event: newEvent({ ...fields, deploymentId }) });

  const deploymentOf = async (count: number, fields: EventInit = {}) => {
    const deploymentId = newDeploymentId();
    for (let from = 0; from < count; from += 300) {
      const events = newEvents(deploymentId, count, fields).slice(from, from + 300);
      await service.client.call(batchCreateEvents, { deploymentId, events });
    }
    return deploymentId;
  };

  test("sends the history, says that it has caught up, and ends with OK", async () => {
    const deploymentId = await deploymentOf(3);

    const reader = stream({ deploymentId });
    const frames = await reader.rest();

    expect(frames.map(frameInWords)).toEqual(["opened after 0", "events 1-3", "caught_up 3 of 3"]);
    expect(await reader.status).toMatchObject({ code: status.OK });
    expect(frames[0]?.frame.value).toMatchObject({ cursor: 0n });
    expect(frames[0]?.frame.value).not.toHaveProperty("heartbeatInterval");
  });

  test("sends events with all their fields", async () => {
    const event = newEvent({ labels: { a: "1" }, data: { b: 2 }, sendTime: { seconds: 1n, nanos: 1 } });
    const { event: stored } = await service.client.call(createEvent, { event });

    const frames = await stream({ deploymentId: event.deploymentId }).rest();

    expect(frames[1]?.frame.value).toMatchObject({ events: [stored] });
  });

  test("goes on live with follow, and tells how often a heartbeat comes", async () => {
    const deploymentId = await deploymentOf(2);

    const reader = stream({ deploymentId, follow: true });
    const history = await reader.until(isFrame("caughtUp"));
    await record(deploymentId);
    const third = await reader.next();
    await service.client.call(batchCreateEvents, { deploymentId, events: [{ message: "a" }, { message: "b" }] });
    const others = await reader.next();
    reader.cancel();

    expect(history.map(frameInWords)).toEqual(["opened after 0", "events 1-2", "caught_up 2 of 2"]);
    expect(history[0]?.frame.value).toMatchObject({ heartbeatInterval: { seconds: 15n, nanos: 0 } });
    expect([third, others].map(frameInWords)).toEqual(["events 3", "events 4-5"]);
    expect(await reader.status).toMatchObject({ code: status.CANCELLED });
  });

  test.each([
    [1, ["opened after 1", "events 2-3", "caught_up 3 of 3"]],
    [3, ["opened after 3", "caught_up 3 of 3"]],
  ])("begins after sequence %i", async (after, expected) => {
    const deploymentId = await deploymentOf(3);

    const once = await stream({ deploymentId, afterSequence: BigInt(after) }).rest();
    const following = stream({ deploymentId, afterSequence: BigInt(after), follow: true });
    const frames = await following.until(isFrame("caughtUp"));
    following.cancel();

    expect(once.map(frameInWords)).toEqual(expected);
    expect(frames.map(frameInWords)).toEqual(expected);
  });

  test.each([false, true])("refuses a cursor above the head, with follow %j", async (follow) => {
    const deploymentId = await deploymentOf(3);

    const refusal = await refusalOf(stream({ deploymentId, afterSequence: 4n, follow }).rest());

    expect(refusal).toMatchObject({
      code: "OUT_OF_RANGE",
      reason: "CURSOR_AHEAD",
      domain: "activityevents",
      metadata: { deployment_id: deploymentId, after_sequence: "4", head_sequence: "3" },
    });
  });

  test("refuses the greatest cursor that there is", async () => {
    const deploymentId = await deploymentOf(1);

    const refusal = await refusalOf(stream({ deploymentId, afterSequence: 2n ** 63n - 1n }).rest());

    expect(refusal.reason).toBe("CURSOR_AHEAD");
  });

  test("refuses a deployment that does not exist, without follow", async () => {
    const deploymentId = newDeploymentId();

    const reader = stream({ deploymentId, afterSequence: 7n });
    const frames = await reader.until(() => false).catch(() => []);

    expect(readRefusal(await reader.status)).toMatchObject({
      code: "NOT_FOUND",
      reason: "DEPLOYMENT_NOT_FOUND",
      metadata: { deployment_id: deploymentId },
    });
    expect(frames).toEqual([]);
  });

  test("waits for a deployment that does not exist yet, with follow", async () => {
    const deploymentId = newDeploymentId();

    const reader = stream({ deploymentId, follow: true });
    const opening = await reader.until(isFrame("caughtUp"));
    await record(deploymentId);
    const first = await reader.next();
    reader.cancel();

    expect(opening.map(frameInWords)).toEqual(["opened after 0", "caught_up 0 of 0"]);
    expect(frameInWords(first)).toBe("events 1");
  });

  test("refuses a cursor in a deployment that does not exist, with follow", async () => {
    const refusal = await refusalOf(
      stream({ deploymentId: newDeploymentId(), afterSequence: 1n, follow: true }).rest(),
    );

    expect(refusal).toMatchObject({ reason: "CURSOR_AHEAD", metadata: { after_sequence: "1", head_sequence: "0" } });
  });

  test("names every field at fault at once", async () => {
    const refusal = await refusalOf(
      stream({ deploymentId: "", afterSequence: -1n, filter: { severityMin: 1 as Severity } }).rest(),
    );

    expect(refusal).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "REQUEST_INVALID",
      fields: ["deployment_id", "after_sequence", "filter.severity_min"],
    });
  });

  test("packs many events into a frame", async () => {
    const deploymentId = await deploymentOf(1_200);

    const frames = await stream({ deploymentId }).rest();

    const sizes = frames.flatMap(({ frame }) => (frame.case === "events" ? [frame.value.events.length] : []));
    expect(sizes).toEqual([500, 500, 200]);
    expect(inRanges(sequencesIn(frames))).toBe("1-1200");
  });

  test("makes no frame larger than 3 MiB, and sends the largest event that there may be", async () => {
    const deploymentId = newDeploymentId();
    const data = { text: "d".repeat(63 * 1024) };
    const labels = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`${index}`, "l".repeat(1_024)]));
    const events = newEvents(deploymentId, 28, { message: "m".repeat(8 * 1024), data, labels });
    for (const from of [0, 14]) {
      await service.client.call(batchCreateEvents, { deploymentId, events: events.slice(from, from + 14) });
    }

    const frames = await stream({ deploymentId }).rest();

    const bytes = frames.map((frame) => toBinary(StreamEventsResponseSchema, frame).length);
    expect(Math.max(...bytes)).toBeLessThanOrEqual(3 * 1024 * 1024);
    expect(inRanges(sequencesIn(frames))).toBe("1-28");
  });

  test("moves over what does not match the filter, in history and live", async () => {
    const deploymentId = newDeploymentId();
    const [debug, error] = [{ severity: Severity.DEBUG }, { severity: Severity.ERROR }];
    for (const fields of [debug, error, debug]) await record(deploymentId, fields);

    const reader = stream({ deploymentId, follow: true, filter: { severityMin: Severity.ERROR } });
    const history = await reader.until(isFrame("caughtUp"));
    for (const fields of [debug, debug, error]) await record(deploymentId, fields);
    const live = await reader.next();
    reader.cancel();

    expect(history.map(frameInWords)).toEqual(["opened after 0", "events 2", "caught_up 3 of 3"]);
    expect(frameInWords(live)).toBe("events 6");
  });

  test("shows each event once and in order to followers that join at any time, while many write", async () => {
    const deploymentId = newDeploymentId();
    const writeSome = () => Promise.all(Array.from({ length: 100 }, () => record(deploymentId)));
    const follow = async () => {
      const reader = stream({ deploymentId, follow: true });
      const frames = [];
      for (let last = 0; last < 400; last = Math.max(last, ...sequencesIn(frames.slice(-1)))) {
        frames.push(await reader.next());
      }
      reader.cancel();
      return sequencesIn(frames);
    };

    const early = [follow(), follow()];
    const writing = [writeSome(), writeSome()];
    await writing[0];
    const late = [follow(), follow()];
    await Promise.all([...writing, writeSome(), writeSome()]);
    const seen = await Promise.all([...early, ...late]);

    expect(seen.map(inRanges)).toEqual(Array(4).fill("1-400"));
  });
});
