import { StoreFaultError } from "@activity-events/event-store";
import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { describe, expect, test } from "@jest/globals";
import { embedService } from "./embed-service.ts";
import { encodeCreateEventRequest, encodeEvent, unknownField } from "./encode-request.ts";
import { isFrame } from "./frame-in-words.ts";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { startService } from "./start-service.ts";

const { createEvent, getDeployment, listDeployments, streamEvents } = ActivityEventsService.method;
const traceId = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

describe("the log", () => {
  test("has one line for each call: method, deployment, code, duration and trace id", async () => {
    await using service = await startService();
    const { client } = service;
    const event = newEvent();
    const { deploymentId } = event;
    const begunMs = Date.now();

    await client.call(createEvent, { event }, { headers: { traceparent } });
    await client.call(listDeployments, {}, { headers: { traceparent: "no trace" } });
    await refusalOf(client.call(createEvent, { event: { ...event, message: "else" } }));
    await client.stream(streamEvents, { deploymentId }).rest();
    const follower = client.stream(streamEvents, { deploymentId, follow: true });
    await follower.until(isFrame("caughtUp"));
    follower.cancel();
    await client.call(ActivityEvents.method.createEvent, { id: 1, deploymentId: 7 });
    await client.call(Health.method.check, {});
    await service.process.line(({ method }) => method === "grpc.health.v1.Health/Check");
    await service.process.line(({ code }) => code === "CANCELLED");

    const calls = service.process.log.filter(({ message }) => message === "call");
    const common = { severity: "INFO", time: expect.any(String), duration_ms: expect.any(Number), message: "call" };
    const v1 = (method: string) => `activityevents.v1.ActivityEventsService/${method}`;
    const expected = [
      { ...common, method: v1("CreateEvent"), deployment: deploymentId, code: "OK", trace_id: traceId },
      { ...common, method: v1("ListDeployments"), code: "OK" },
      {
        ...common,
        method: v1("CreateEvent"),
        deployment: deploymentId,
        code: "ALREADY_EXISTS",
        reason: "EVENT_ID_CONFLICT",
      },
      { ...common, method: v1("StreamEvents"), deployment: deploymentId, code: "OK" },
      { ...common, method: v1("StreamEvents"), deployment: deploymentId, code: "CANCELLED" },
      { ...common, method: "activityevents.ActivityEvents/CreateEvent", deployment: "7", code: "OK" },
      { ...common, method: "grpc.health.v1.Health/Check", code: "OK" },
    ];
    expect(calls).toHaveLength(expected.length);
    expect(calls).toEqual(expect.arrayContaining(expected));
    expect(calls.every(({ duration_ms }) => Number(duration_ms) >= 0)).toBe(true);
    const timesMs = calls.map(({ time }) => Date.parse(`${time}`));
    expect(timesMs.every((ms) => ms >= begunMs && ms <= Date.now())).toBe(true);
  });

  test("never has what a message says, stored or refused", async () => {
    await using service = await startService({ LOG_LEVEL: "trace" });
    const { client } = service;
    const secret = "s3cr3t";
    const event = newEvent({
      message: secret,
      actor: secret,
      labels: { [secret]: secret },
      data: { [secret]: secret },
    });

    await client.call(createEvent, { event });
    await refusalOf(client.call(createEvent, { event: { ...event, message: `${secret} too`, source: secret } }));
    await refusalOf(
      client.call(createEvent, { event: { ...event, url: `${secret} secret`, type: secret.repeat(100) } }),
    );
    await refusalOf(client.call(createEvent, { event: { ...event, eventId: `${secret}/` } }));
    await refusalOf(client.call(getDeployment, { deploymentId: `${secret}/` }));
    const unreadable = encodeCreateEventRequest(encodeEvent(event, unknownField(99, secret))).subarray(0, -1);
    await refusalOf(client.callBytes(createEvent, unreadable));
    await client.call(Health.method.check, {});
    await service.process.line(({ method }) => method === "grpc.health.v1.Health/Check");

    expect(service.process.log.filter(({ message }) => message === "call")).toHaveLength(7);
    expect(service.process.output.join("\n")).not.toContain(secret);
    expect(service.process.errors).toBe("");
  });
});

describe("a fault of the service's own", () => {
  test("is in the log with its cause, which the caller is not told", async () => {
    const cause = new Error("row 17 of table x");
    await using service = await embedService({
      around: (store) => ({
        ...store,
        append: async () => {
          throw cause;
        },
      }),
    });
    const deploymentId = newDeploymentId();

    const refusal = await refusalOf(service.client.call(createEvent, { event: newEvent({ deploymentId }) }));

    expect(refusal).toMatchObject({ code: "INTERNAL", reason: "INTERNAL_FAULT", metadata: {}, fields: [] });
    expect(JSON.stringify(refusal)).not.toContain("row 17");
    expect(service.log).toMatchObject([
      {
        level: 50,
        deployment: deploymentId,
        code: "INTERNAL",
        reason: "INTERNAL_FAULT",
        err: { message: cause.message },
      },
    ]);
  });

  test("is in the log with what the store said", async () => {
    await using service = await embedService({
      around: (store) => ({
        ...store,
        readDeployment: async () => {
          throw new StoreFaultError("STORE_IO_ERROR", "the disk answered with an error", { cause: "disk I/O error" });
        },
      }),
    });

    const refusal = await refusalOf(service.client.call(getDeployment, { deploymentId: newDeploymentId() }));

    expect(JSON.stringify(refusal)).not.toContain("disk I/O error");
    expect(service.log).toMatchObject([{ level: 50, reason: "STORE_IO_ERROR", err: "disk I/O error" }]);
  });
});
