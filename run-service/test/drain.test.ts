import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health, HealthCheckResponse_ServingStatus } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { encode, reflectionPath } from "@activity-events/testing/reflection-client";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import { embedService } from "./embed-service.ts";
import { frameInWords, isFrame } from "./frame-in-words.ts";
import { newDeploymentId, newEvent, newEvents } from "./new-event.ts";
import { startService } from "./start-service.ts";

const { batchCreateEvents, createEvent, getEvent, streamEvents } = ActivityEventsService.method;
const { check, watch } = Health.method;
const { SERVING, NOT_SERVING } = HealthCheckResponse_ServingStatus;

// Each test has a service of its own, and one of them waits for seconds.

describe.each(["SIGTERM", "SIGINT"] as const)("on %s", (signal) => {
  test.concurrent("the service is NOT_SERVING, streams end with goaway and OK, calls under way are answered, and it ends with code 0", async () => {
    using folder = temporaryFolder();
    const settings = { STORE: "sqlite", DATA_DIR: folder.path };
    await using service = await startService(settings);
    const { client } = service;
    const deploymentId = newDeploymentId();
    await client.call(createEvent, { event: newEvent({ deploymentId }) });
    const follower = client.stream(streamEvents, { deploymentId, follow: true });
    const watcher = client.stream(watch, {});
    await follower.until(isFrame("caughtUp"));
    const before = await watcher.next();

    // Another program writes into the file: the append has to wait.
    const file = new DatabaseSync(join(folder.path, "events.db"));
    file.exec("BEGIN IMMEDIATE");
    const event = newEvent({ deploymentId });
    const append = client.call(createEvent, { event });
    await client.call(check, {});
    service.process.kill(signal);
    const [frames, states] = await Promise.all([follower.rest(), watcher.rest()]);
    file.exec("COMMIT");
    file.close();
    const answer = await append;
    const exit = await service.process.ended;

    expect(before.status).toBe(SERVING);
    expect(frames.map(frameInWords)).toEqual(["goaway DRAINING at 1"]);
    expect(frames[0]?.frame.value).toMatchObject({ retryDelay: { seconds: 1n, nanos: 0 } });
    expect(states.map((state) => state.status)).toEqual([NOT_SERVING]);
    expect([await follower.status, await watcher.status]).toMatchObject([{ code: status.OK }, { code: status.OK }]);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(service.process.log.map(({ message }) => message).filter((message) => message !== "call")).toEqual([
      "listening",
      "draining",
      "stopped",
    ]);
    expect(service.process.errors).toBe("");
    await using again = await startService(settings);
    const stored = await again.client.call(getEvent, { deploymentId, eventId: event.eventId });
    expect(stored.event).toEqual(answer.event);
  });
});

test.concurrent("a drain with nothing open ends", async () => {
  await using service = await startService({ STORE: "sqlite" });
  await service.client.call(check, {});

  service.process.kill("SIGTERM");
  const exit = await service.process.ended;

  expect(exit.code).toBe(0);
});

test.concurrent("a drain ends with code 0, though readers do not read and callers do not hang up", async () => {
  await using service = await startService();
  const { client } = service;
  const deploymentId = newDeploymentId();
  const reader = client.stream(streamEvents, { deploymentId, follow: true });
  await reader.until(isFrame("caughtUp"));
  const events = newEvents(deploymentId, 2_000, { message: "m".repeat(8_000) });
  for (let from = 0; from < events.length; from += 50) {
    await client.call(batchCreateEvents, { deploymentId, events: events.slice(from, from + 50) });
  }
  const reflection = client.duplex(reflectionPath("v1"), [encode({ listServices: "" })]);
  await reflection.next();

  service.process.kill("SIGTERM");
  const exit = await service.process.ended;

  expect(service.process.errors).toBe("");
  expect(exit).toEqual({ code: 0, signal: null });
});

test.concurrent("a second signal ends the service at once, with code 1", async () => {
  await using service = await startService();
  const reflection = service.client.duplex(reflectionPath("v1"), [encode({ listServices: "" })]);
  await reflection.next();

  let exit: { readonly code: number | null } | undefined;
  const ended = service.process.ended.then((how) => {
    exit = how;
  });
  // Those right after the first are taken for the same one.
  while (exit === undefined) {
    service.process.kill("SIGTERM");
    await Promise.race([ended, sleep(50)]);
  }

  expect(exit.code).toBe(1);
});

test.concurrent("a signal that comes twice at once, as to a group of processes, drains the service", async () => {
  await using service = await startService({ STORE: "sqlite" });
  await service.client.call(check, {});

  service.process.kill("SIGTERM");
  service.process.kill("SIGINT");
  const exit = await service.process.ended;

  expect(exit.code).toBe(0);
});

test.concurrent("a drain that fails ends with code 1, and says why", async () => {
  // Run in the service before all else: what ends the streams fails from the signal on.
  const breakDrain = `process.on("SIGUSR2", () => {
    AbortController.prototype.abort = () => { throw new Error("out of luck"); };
    console.log("broken");
  });`;
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(breakDrain)}`;
  await using service = await startService({ NODE_OPTIONS });

  service.process.kill("SIGUSR2");
  await service.process.outputLine((line) => line === "broken");
  service.process.kill("SIGTERM");
  const exit = await service.process.ended;

  expect(exit).toEqual({ code: 1, signal: null });
  expect(service.process.log.at(-1)).toMatchObject({
    severity: "CRITICAL",
    code: "DRAIN_FAILED",
    err: { message: "out of luck" },
  });
});

test.concurrent("a stream that is opened while the service drains is sent away at once", async () => {
  await using service = await embedService();
  service.streamer.drain();

  const reader = service.client.stream(streamEvents, { deploymentId: newDeploymentId(), follow: true });
  const frames = await reader.rest();

  expect(frames.map(frameInWords)).toEqual(["opened after 0", "goaway DRAINING at 0"]);
  expect(await reader.status).toMatchObject({ code: status.OK });
});

test.concurrent("health is watched in a drain with NOT_SERVING, and let go, whatever is watched", async () => {
  await using service = await embedService();
  const [known, unknown] = ["grpc.health.v1.Health", "activity.v2.Unknown"].map((name) =>
    service.client.stream(watch, { service: name }),
  );
  await known?.next();
  await unknown?.next();

  service.health.drain();
  const [states, ofUnknown] = [await known?.rest(), await unknown?.rest()];

  expect(states?.map((state) => state.status)).toEqual([NOT_SERVING]);
  expect(ofUnknown).toEqual([]);
  expect((await service.client.call(check, {})).status).toBe(NOT_SERVING);
});

test.concurrent("a service whose log nobody reads any more ends all the same", async () => {
  await using service = await startService();

  service.process.closeOutput();
  service.process.kill("SIGTERM");

  expect(await service.process.ended).toEqual({ code: 0, signal: null });
});
