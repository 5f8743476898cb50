import type { EventStore } from "@activity-events/event-store";
import { Health, HealthCheckResponse_ServingStatus } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { describe, expect, test } from "@jest/globals";
import { embedService } from "./embed-service.ts";
import { refusalOf } from "./read-refusal.ts";
import { serviceOfSuite, stores } from "./start-service.ts";

const { check, list, watch } = Health.method;
const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;
const names = [
  "",
  "activityevents.v1.ActivityEventsService",
  "activityevents.v1.ActivityEventsAdminService",
  "activityevents.ActivityEvents",
  "grpc.health.v1.Health",
];

describe.each(stores)("grpc.health.v1 on %s", (store) => {
  const service = serviceOfSuite({ STORE: store });

  test.each(names)("checks %j", async (name) => {
    const { status } = await service.client.call(check, { service: name });

    expect(status).toBe(SERVING);
  });

  test("says that it does not have a service", async () => {
    const refusal = await refusalOf(service.client.call(check, { service: "activity.v2.Unknown" }));

    expect(refusal).toMatchObject({
      code: "NOT_FOUND",
      reason: "SERVICE_UNKNOWN",
      domain: "activityevents",
      metadata: { service: "activity.v2.Unknown" },
    });
  });

  test("lists all services", async () => {
    const { statuses } = await service.client.call(list, {});

    expect(Object.keys(statuses).sort()).toEqual([...names].sort());
    expect(Object.values(statuses).map(({ status }) => status)).toEqual(names.map(() => SERVING));
  });

  test.each(names)("tells whoever watches %j the state at once", async (name) => {
    const reader = service.client.stream(watch, { service: name });

    const first = await reader.next();
    reader.cancel();

    expect(first.status).toBe(SERVING);
  });
});

describe("the health of a service", () => {
  /** A service whose store answers when it is told to, probed all the time. */
  const embedProbed = async () => {
    let answers = true;
    const around = (store: EventStore): EventStore => ({
      ...store,
      probe: () => (answers ? store.probe() : Promise.reject(new Error("no answer"))),
    });
    const service = await embedService({ around });
    const said: string[] = [];
    const stopProbing = service.health.watchStore(service.store, 10, {
      onSilent: ({ message }) => said.push(message),
      onAnswer: () => said.push("answers again"),
    });
    return {
      ...service,
      said,
      setAnswers: (value: boolean) => {
        answers = value;
      },
      [Symbol.asyncDispose]: async () => {
        stopProbing();
        await service[Symbol.asyncDispose]();
      },
    };
  };

  test("follows whether the store answers, without any traffic", async () => {
    await using service = await embedProbed();
    const reader = service.client.stream(watch, {});
    const told = [(await reader.next()).status];

    service.setAnswers(false);
    told.push((await reader.next()).status);
    const whileDown = await service.client.call(check, {});
    service.setAnswers(true);
    told.push((await reader.next()).status);
    const after = await service.client.call(check, {});
    reader.cancel();

    expect(told).toEqual([SERVING, NOT_SERVING, SERVING]);
    expect([whileDown.status, after.status]).toEqual([NOT_SERVING, SERVING]);
    // The log says each once.
    expect(service.said).toEqual(["no answer", "answers again"]);
  });

  test("is NOT_SERVING when the store does not answer in time", async () => {
    const hanging = (store: EventStore): EventStore => ({ ...store, probe: () => new Promise(() => {}) });
    await using service = await embedService({ around: hanging });
    const reader = service.client.stream(watch, {});

    const first = await reader.next();
    const stopProbing = service.health.watchStore(service.store, 10);
    const second = await reader.next();
    stopProbing();

    expect([first.status, second.status]).toEqual([SERVING, NOT_SERVING]);
  });

  test("tells whoever watches a service that is not there SERVICE_UNKNOWN, and goes on", async () => {
    await using service = await embedService();

    const reader = service.client.stream(watch, { service: "activity.v2.Unknown" });
    const first = await reader.next();
    const isOpen = await Promise.race([
      reader.status.then(() => false),
      service.client.call(check, {}).then(() => true),
    ]);
    reader.cancel();

    expect(first.status).toBe(SERVICE_UNKNOWN);
    expect(isOpen).toBe(true);
  });
});
