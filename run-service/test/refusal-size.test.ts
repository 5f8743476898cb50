import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, test } from "@jest/globals";
import { encodeBatchCreateEventsRequest, encodeCreateEventRequest, encodeEvent } from "./encode-request.ts";
import { type EventInit, newDeploymentId, newEvent, newEvents } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { serviceOfSuite } from "./start-service.ts";

const { batchCreateEvents, createEvent, listEvents } = ActivityEventsService.method;

// grpc-js takes 8 KiB of trailers: a refusal that is larger would reach the caller as another error.
describe("a refusal that says very much stays readable", () => {
  const service = serviceOfSuite();

  test.each([
    ["short", "a b"],
    ["long", "a ".repeat(500)],
    ["of four-byte characters", "😀".repeat(200)],
    ["of control characters", "\0".repeat(800)],
  ])("names the first of thousands of faults, and how many there are, when the values are %s", async (_, value) => {
    const bad = encodeEvent({
      eventId: value,
      deploymentId: `${value}2`,
      source: value,
      url: value,
      traceParent: value,
      sendTime: { seconds: 0n, nanos: -1 },
      severity: 7 as Severity,
      outcome: 9 as Outcome,
      labels: { "": "", team: "v".repeat(1_025) },
    });
    const request = encodeBatchCreateEventsRequest(value, Array(400).fill(bad));

    const refusal = await refusalOf(service.client.callBytes(batchCreateEvents, request));

    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_INVALID" });
    expect(Number(refusal.metadata.violations_total)).toBeGreaterThan(4_000);
    expect(refusal.fields.slice(0, 4)).toEqual([
      "deployment_id",
      "events[0].deployment_id",
      "events[0].event_id",
      "events[0].message",
    ]);
    expect(refusal.detailsBytes).toBeLessThanOrEqual(4_096);
  });

  test("names the first of 500 conflicts, and how many there are", async () => {
    const deploymentId = newDeploymentId();
    const events = newEvents(deploymentId, 500).map((event) => ({
      ...event,
      eventId: event.eventId?.padEnd(128, "-"),
    }));
    await service.client.call(batchCreateEvents, { deploymentId, events: events as EventInit[] });

    const changed = events.map((event) => ({ ...event, message: "else", actor: "x", source: "y", url: "z" }));
    const refusal = await refusalOf(
      service.client.call(batchCreateEvents, { deploymentId, events: changed as EventInit[] }),
    );

    expect(refusal).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "EVENT_ID_CONFLICT",
      metadata: { violations_total: "500", fields: "message,source,actor,url" },
    });
    expect(refusal.fields.slice(0, 3)).toEqual(["events[0]", "events[1]", "events[2]"]);
    expect(refusal.detailsBytes).toBeLessThanOrEqual(4_096);
  });

  test("names the first of thousands of unknown fields in which an event differs", async () => {
    const event = newEvent();
    const unknown = new BinaryWriter();
    for (let number = 1_000; number < 31_000; number += 1) unknown.tag(number, WireType.Varint).uint32(1);
    await service.client.call(createEvent, { event });

    const request = encodeCreateEventRequest(encodeEvent(event, unknown.finish()));
    const refusal = await refusalOf(service.client.callBytes(createEvent, request));

    expect(refusal).toMatchObject({ code: "ALREADY_EXISTS", reason: "EVENT_ID_CONFLICT", fields: ["event"] });
    expect(refusal.metadata.fields).toMatch(/^#1000,#1001,/);
    expect(refusal.metadata).toMatchObject({ deployment_id: event.deploymentId, fields_total: "30000" });
    expect(refusal.detailsBytes).toBeLessThanOrEqual(4_096);
  });

  test("quotes a long value in part", async () => {
    const refusals = await Promise.all([
      refusalOf(service.client.call(createEvent, { event: newEvent({ deploymentId: "😀".repeat(10_000) }) })),
      refusalOf(service.client.call(listEvents, { deploymentId: "\n".repeat(10_000) })),
      refusalOf(service.client.call(Health.method.check, { service: "😀".repeat(10_000) })),
      refusalOf(service.client.call(Health.method.check, { service: "\0".repeat(10_000) })),
    ]);

    for (const refusal of refusals) {
      expect(refusal.reason).toMatch(/^(REQUEST_INVALID|SERVICE_UNKNOWN)$/);
      expect(refusal.detailsBytes).toBeLessThanOrEqual(4_096);
      expect(encodeURIComponent(refusal.message.toWellFormed()).length).toBeLessThanOrEqual(1_024);
    }
  });

  test("says in its message how many faults there are beside the first", async () => {
    const events = Array.from({ length: 500 }, () => encodeEvent({ message: "x", url: "a b", source: "c d" }));

    const refusal = await refusalOf(
      service.client.callBytes(batchCreateEvents, encodeBatchCreateEventsRequest("a b", events)),
    );

    expect(refusal.metadata.violations_total).toBe("1001");
    expect(refusal.message).toMatch(/^deployment_id: .*, and 1000 more$/);
  });
});
