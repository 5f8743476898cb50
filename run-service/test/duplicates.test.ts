import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { describe, expect, test } from "@jest/globals";
import { encodeCreateEventRequest, encodeEvent } from "./encode-request.ts";
import { type EventInit, newDeploymentId, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { serviceOfSuite, stores } from "./start-service.ts";

const { createEvent, getDeployment, getEvent } = ActivityEventsService.method;

describe.each(stores)("an event id that is used again, on %s", (store) => {
  const service = serviceOfSuite({ STORE: store });
  const record = (event: EventInit) => service.client.call(createEvent, { event });
  const headOf = async (deploymentId: string) =>
    (await service.client.call(getDeployment, { deploymentId })).deployment?.headSequence;

  test("answers the same content as a duplicate with the stored event, and writes nothing", async () => {
    const event = newEvent({
      type: "deployment.finished",
      outcome: Outcome.SUCCESS,
      severity: Severity.NOTICE,
      message: "done",
      source: "//ci/runs/7",
      actor: "alice",
      environment: "production",
      service: "shop",
      revision: "v7",
      commit: "abc",
      url: "https://ci.example/runs/7",
      labels: { team: "web" },
      data: { step: 7, nested: [{ a: null }, [true]] },
      traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });

    const first = await record(event);
    const again = await record(event);

    expect([first.duplicate, again.duplicate]).toEqual([false, true]);
    expect(again.event).toEqual(first.event);
    expect(await headOf(event.deploymentId)).toBe(1n);
  });

  test("takes another send time, or none, for the same content and keeps the first one", async () => {
    const event = newEvent({ sendTime: { seconds: 1n, nanos: 1 } });

    await record(event);
    const later = await record({ ...event, sendTime: { seconds: 2n, nanos: 2 } });
    const without = await record(newEvent({ deploymentId: event.deploymentId, eventId: event.eventId }));

    expect([later.duplicate, without.duplicate]).toEqual([true, true]);
    expect(later.event?.sendTime).toMatchObject({ seconds: 1n, nanos: 1 });
    expect(without.event?.sendTime).toMatchObject({ seconds: 1n, nanos: 1 });
  });

  test("does not stamp an event that was stored without a send time", async () => {
    const event = newEvent();

    await record(event);
    const again = await record({ ...event, sendTime: { seconds: 2n, nanos: 2 } });

    expect(again.duplicate).toBe(true);
    expect([again.event?.sendTime, again.transitTime]).toEqual([undefined, undefined]);
  });

  test("does not count the order of keys in labels and data", async () => {
    const event = newEvent({ labels: { a: "1", b: "2" }, data: { x: { p: 1, q: 2 }, y: [{ r: 3, s: 4 }] } });

    await record(event);
    const again = await record({
      ...event,
      labels: { b: "2", a: "1" },
      data: { y: [{ s: 4, r: 3 }], x: { q: 2, p: 1 } },
    });

    expect(again.duplicate).toBe(true);
  });

  test("counts the order of the items of an array in data", async () => {
    const event = newEvent({ data: { steps: [1, 2] } });

    await record(event);
    const refusal = await refusalOf(record({ ...event, data: { steps: [2, 1] } }));

    expect(refusal).toMatchObject({ code: "ALREADY_EXISTS", metadata: { fields: "data" } });
  });

  test.each([
    ["spelled out after they were filled in", {}, { type: "deployment.progress", severity: Severity.INFO }],
    ["left out after they were spelled out", { type: "deployment.progress", severity: Severity.INFO }, {}],
  ])("takes the defaults for the same content, %s", async (_, first, then) => {
    const event = newEvent();

    await record({ ...event, ...first });
    const again = await record({ ...event, ...then });

    expect(again.duplicate).toBe(true);
  });

  test("does not count what the producer says of output fields", async () => {
    const event = newEvent();

    await record(event);
    const again = await record({ ...event, name: "x", sequence: 7n, receiveTime: { seconds: 1n, nanos: 0 } });

    expect(again.duplicate).toBe(true);
  });

  test("takes the answer of an append, sent again as it is, for a duplicate", async () => {
    const { event: stored = newEvent() } = await record(newEvent({ labels: { b: "1", a: "2" }, data: { b: 1, a: 2 } }));

    const again = await service.client.call(createEvent, { event: stored });

    expect(again).toMatchObject({ duplicate: true, event: { sequence: 1n } });
  });

  test("takes the fields of an event in any order on the wire for the same content", async () => {
    const event = { ...newEvent(), type: "approval.granted", actor: "alice" };
    const { actor, type, ...others } = event;
    const backwards = Buffer.concat([{ actor }, { type }, others].map((part) => encodeEvent(part)));

    await record(event);
    const again = await service.client.callBytes(createEvent, encodeCreateEventRequest(backwards));

    expect(again.duplicate).toBe(true);
  });

  test("refuses other content, names each field that differs, and leaves the stored event as it is", async () => {
    const event = newEvent({ message: "built", labels: { team: "web" }, data: { step: 1 } });

    const first = await record(event);
    const refusal = await refusalOf(
      record({
        ...event,
        type: "approval.granted",
        severity: Severity.ERROR,
        message: "broken",
        labels: { team: "shop" },
        data: { step: 2 },
        actor: "bob",
      }),
    );

    const { deploymentId, eventId } = event;
    expect(refusal).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "EVENT_ID_CONFLICT",
      domain: "activityevents",
      metadata: { deployment_id: deploymentId, event_id: eventId, sequence: "1" },
      fields: ["event"],
    });
    expect(refusal.metadata.fields?.split(",").sort()).toEqual([
      "actor",
      "data",
      "labels",
      "message",
      "severity",
      "type",
    ]);
    expect((await service.client.call(getEvent, { deploymentId, eventId })).event).toEqual(first.event);
    expect(await headOf(deploymentId)).toBe(1n);
  });

  const differences: readonly [string, EventInit, EventInit][] = [
    ["outcome", { type: "deployment.finished", outcome: Outcome.ERROR }, { outcome: Outcome.FAILURE }],
    ["source", {}, { source: "//ci" }],
    ["environment", { environment: "staging" }, { environment: "" }],
    ["service", {}, { service: "shop" }],
    ["revision", {}, { revision: "v1" }],
    ["commit", {}, { commit: "abc" }],
    ["url", {}, { url: "https://ci.example" }],
    ["trace_parent", {}, { traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }],
    ["labels", { labels: { a: "1" } }, { labels: {} }],
    ["data", {}, { data: {} }],
    ["data", { data: { a: null } }, { data: {} }],
    ["data", { data: { a: [] } }, { data: { a: {} } }],
    ["data", { data: { a: "1" } }, { data: { a: 1 } }],
  ];
  test.each(differences)("refuses an id whose %s differs: %j, then %j", async (field, first, change) => {
    const event = { ...newEvent(), ...first };

    await record(event);
    const refusal = await refusalOf(record({ ...event, ...change }));

    expect(refusal).toMatchObject({ reason: "EVENT_ID_CONFLICT", metadata: { fields: field } });
  });

  test("lets one id name an event in each of two deployments", async () => {
    const event = newEvent();

    await record(event);
    const other = await record({ ...event, message: "something else", deploymentId: newDeploymentId() });

    expect(other).toMatchObject({ duplicate: false, event: { sequence: 1n } });
  });

  test("stores one of 200 concurrent calls with the same content and answers the others as duplicates", async () => {
    const event = newEvent();

    const answers = await Promise.all(Array.from({ length: 200 }, () => record(event)));

    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.event?.receiveTime?.nanos)))).toHaveProperty(
      "size",
      1,
    );
    expect(await headOf(event.deploymentId)).toBe(1n);
  });

  test("stores one of 200 concurrent calls with different contents and refuses the others", async () => {
    const event = newEvent();

    const answers = await Promise.allSettled(
      Array.from({ length: 200 }, (_, index) => record({ ...event, message: `attempt ${index}` })),
    );

    const refusals = await Promise.all(
      answers.filter(({ status }) => status === "rejected").map((answer) => refusalOf(settled(answer))),
    );
    expect(refusals).toHaveLength(199);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        code: "ALREADY_EXISTS",
        reason: "EVENT_ID_CONFLICT",
        metadata: { fields: "message" },
      });
    }
    expect(await headOf(event.deploymentId)).toBe(1n);
  });
});

function settled<T>(result: PromiseSettledResult<T>): Promise<T> {
  return result.status === "fulfilled" ? Promise.resolve(result.value) : Promise.reject(result.reason);
}
