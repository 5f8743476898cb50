import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health, HealthCheckResponse_ServingStatus } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { freePort } from "@activity-events/testing/free-port";
import { askReflection } from "@activity-events/testing/reflection-client";
import { ServiceClient } from "@activity-events/testing/service-client";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { describe, expect, test } from "@jest/globals";
import { isFrame, sequencesIn } from "./frame-in-words.ts";
import { allAcknowledgements } from "./ingest-stream.ts";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { stores } from "./start-service.ts";

const { createEvent, getEvent, ingestEvents, streamEvents } = ActivityEventsService.method;
const { SERVING } = HealthCheckResponse_ServingStatus;

/** Resolves when something accepts connections there. */
async function untilOpen(port: number): Promise<void> {
  for (;;) {
    const socket = connect({ host: "127.0.0.1", port });
    const isOpen = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await sleep(1);
  }
}

/** A service whose port has just opened: what answers calls is not loaded yet. */
async function openedService(environment: Readonly<Record<string, string>>) {
  const port = await freePort();
  const service = new ServiceProcess({ environment: { ...environment, PORT: `${port}` } });
  await Promise.race([untilOpen(port), service.ended]);
  const client = new ServiceClient(`127.0.0.1:${port}`);
  return {
    service,
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await service[Symbol.asyncDispose]();
    },
  };
}

describe.each(stores)("a call that is made the moment the port opens, on %s", (store) => {
  test("is answered as any other, whatever its method", async () => {
    await using opened = await openedService({ STORE: store });
    const { client, service } = opened;
    const [one, two, three] = [newDeploymentId(), newDeploymentId(), newDeploymentId()];

    const ingest = client.bidi(ingestEvents);
    ingest.send({ events: [newEvent({ deploymentId: two }), newEvent({ deploymentId: two })] });
    ingest.finish();
    const follower = client.stream(streamEvents, { deploymentId: three, follow: true });
    const answers = await Promise.all([
      client.call(Health.method.check, {}),
      client.call(createEvent, { event: newEvent({ deploymentId: one }) }),
      refusalOf(client.call(getEvent, { deploymentId: one, eventId: "none" })),
      refusalOf(client.call(Health.method.check, { service: "activity.v2.Unknown" })),
      client.stream(Health.method.watch, {}).next(),
      client.call(ActivityEvents.method.createEvent, { id: 1, deploymentId: 7 }),
      askReflection(client, "v1", [{ listServices: "" }]),
      allAcknowledgements(ingest),
      follower.until(isFrame("caughtUp")),
    ]);
    const [check, created, absent, unknown, watched, ancestor, reflected, acknowledged] = answers;
    const saidBefore = service.log.length;
    await client.call(createEvent, { event: newEvent({ deploymentId: three }) });
    const frames = await follower.until(isFrame("events"));
    follower.cancel();

    expect(check.status).toBe(SERVING);
    expect(created.event?.sequence).toBe(1n);
    expect(absent.reason).toBe("EVENT_NOT_FOUND");
    expect(unknown.reason).toBe("SERVICE_UNKNOWN");
    expect(watched.status).toBe(SERVING);
    expect(ancestor).toMatchObject({ id: 1, success: true });
    expect(reflected[0]?.services).toHaveLength(4);
    expect(acknowledged.map(({ sequence }) => sequence)).toEqual([1n, 2n]);
    expect(sequencesIn(frames)).toEqual([1]);
    expect(saidBefore).toBeGreaterThan(0);
  });
});

test("a service that is told to stop the moment its port opens answers what waits, and ends with code 0", async () => {
  await using opened = await openedService({ STORE: "sqlite" });
  const { client, service } = opened;

  const creating = client.call(createEvent, { event: newEvent() });
  await client.call(Health.method.check, {});
  service.kill("SIGTERM");
  const [outcome, { code }] = await Promise.all([
    creating.then(
      ({ event }) => `stored as ${event?.sequence}`,
      async (error) => (await refusalOf(Promise.reject(error))).reason,
    ),
    service.ended,
  ]);

  expect(code).toBe(0);
  expect(["stored as 1", "DRAINING"]).toContain(outcome);
});
