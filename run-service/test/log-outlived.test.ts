import { existsSync } from "node:fs";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { freePort } from "@activity-events/testing/free-port";
import { ServiceClient } from "@activity-events/testing/service-client";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { expect, test } from "@jest/globals";
import { newEvent } from "./new-event.ts";
import { startService } from "./start-service.ts";

const { createEvent, getEvent } = ActivityEventsService.method;
const testWithFullDevice = existsSync("/dev/full") ? test : test.skip;

/** A service whose log goes to a device that is always full, and so cannot tell when it listens. */
async function startOnFullDevice(environment: Readonly<Record<string, string>>) {
  const port = await freePort();
  const process = new ServiceProcess({ environment: { ...environment, PORT: `${port}` }, outputFile: "/dev/full" });
  const client = new ServiceClient(`127.0.0.1:${port}`);
  for (;;) {
    const serves = await client.call(Health.method.check, {}).then(
      () => true,
      () => false,
    );
    if (serves) return { process, client };
  }
}

testWithFullDevice.each(["json", "pretty"])(
  "the service answers and stops in order though its log of form %s cannot be written",
  async (LOG_FORMAT) => {
    const { process, client } = await startOnFullDevice({ LOG_FORMAT });
    await using _ = process;
    const event = newEvent();
    const { deploymentId, eventId } = event;

    for (let n = 0; n < 200; n += 1) await client.call(createEvent, { event: newEvent() });
    const { event: stored } = await client.call(createEvent, { event });
    const { event: read } = await client.call(getEvent, { deploymentId, eventId });
    client.close();
    process.kill("SIGTERM");

    expect(read).toEqual(stored);
    expect(await process.ended).toEqual({ code: 0, signal: null });
    expect(process.errors).toBe("");
  },
);

test("the service answers though whoever read its log has gone", async () => {
  await using service = await startService();

  service.process.closeOutput();
  for (let n = 0; n < 200; n += 1) await service.client.call(createEvent, { event: newEvent() });
  service.process.kill("SIGTERM");

  expect(await service.process.ended).toEqual({ code: 0, signal: null });
  expect(service.process.errors).toBe("");
});

// Run in the service before all else: an error of its own when the signal comes.
const failOnSignal = (failure: string) =>
  `--import data:text/javascript,${encodeURIComponent(`process.on("SIGUSR2", () => { ${failure} });`)}`;

test.each([
  ["is thrown where nobody catches it", "throw new Error('out of luck');", "uncaughtException"],
  ["rejects a promise that nobody looks at", "Promise.reject(new Error('out of luck'));", "unhandledRejection"],
])("an error that %s ends the service with code 1, after every line of its log", async (_, failure, origin) => {
  await using service = await startService({ NODE_OPTIONS: failOnSignal(failure) });
  const { client, process } = service;

  for (let n = 0; n < 20; n += 1) await client.call(createEvent, { event: newEvent() });
  process.kill("SIGUSR2");

  expect(await process.ended).toEqual({ code: 1, signal: null });
  expect(process.log.filter(({ message }) => message === "call")).toHaveLength(20);
  expect(process.log.at(-1)).toMatchObject({
    severity: "CRITICAL",
    code: "UNCAUGHT",
    origin,
    err: { message: "out of luck", stack: expect.stringContaining("SIGUSR2") },
  });
});
