import { ActivityEventsClient } from "@activity-events/client";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { until } from "@activity-events/testing/until";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { LiveClient } from "./live-client.ts";
import { openPage, type TestPage } from "./page-server.ts";

let service: ServiceProcess;
let address: string;
let client: ActivityEventsClient;
let page: TestPage;
/** A service name of each test's own, since they share a store. */
let name: string;
let tests = 0;

beforeAll(async () => {
  service = new ServiceProcess();
  address = String((await service.line(({ message }) => message === "listening")).address);
  client = new ActivityEventsClient({ address, tls: false });
  page = await openPage({ service: address });
});

afterAll(async () => {
  client.close();
  await page[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

beforeEach(() => {
  tests += 1;
  name = `service-${tests}`;
});

async function record(deploymentId: string, type: string, more: object = {}): Promise<void> {
  await client.createEvent({ event: { deploymentId: `${name}-${deploymentId}`, type, service: name, ...more } });
}

function connect(): LiveClient {
  return new LiveClient(page.url);
}

test("a socket is told what time it is, and that the service is reached", async () => {
  using live = connect();
  await until(() => live.alive.some(({ isServiceReached }) => isServiceReached), "the service is reached");

  const [{ serverTime = "", heartbeatIntervalMs = 0, serviceAddress } = {}] = live.alive;
  expect(serviceAddress).toBe(address);
  expect(Math.abs(Date.parse(serverTime) - Date.now())).toBeLessThan(60_000);
  expect(heartbeatIntervalMs).toBeGreaterThan(0);
});

describe("a subscription to deployments", () => {
  test("shows those there are, newest first, then every change", async () => {
    await record("a", "deployment.started");
    await record("b", "deployment.started");
    using live = connect();
    await live.opened();
    live.subscribe({ subscription: "s", deployments: { filter: { service: name } } });
    await live.caughtUp("s");
    expect([...live.shown("s").keys()]).toEqual([`${name}-b`, `${name}-a`]);

    await record("a", "deployment.finished", { outcome: 1 });
    await record("c", "deployment.started");

    await until(() => live.shown("s").size === 3, "the new one is shown");
    expect(live.shown("s").get(`${name}-a`)).toMatchObject({
      headSequence: "2",
      state: "DEPLOYMENT_STATE_FINISHED",
      outcome: "OUTCOME_SUCCESS",
    });
  });

  test("is told what does not match any more", async () => {
    using live = connect();
    await live.opened();
    const filter = { service: name, state: "DEPLOYMENT_STATE_RUNNING" as const };
    live.subscribe({ subscription: "s", deployments: { filter } });
    await record("a", "deployment.started");
    await until(() => live.shown("s").size === 1, "it is shown");

    await record("a", "deployment.finished", { outcome: 1 });

    await until(() => live.shown("s").size === 0, "it has left");
    expect(live.framesOf("s", "left")).toEqual([{ subscription: "s", left: { deploymentIds: [`${name}-a`] } }]);
  });

  test("lists what was created from a time on, and shows later changes of all", async () => {
    await record("old", "deployment.started");
    using live = connect();
    await live.opened();
    const createTimeFrom = new Date(Date.now() + 3_600_000).toISOString();
    live.subscribe({ subscription: "s", deployments: { filter: { service: name }, createTimeFrom } });
    await live.caughtUp("s");
    expect(live.shown("s").size).toBe(0);

    await record("old", "deployment.progress");

    await until(() => live.shown("s").size === 1, "the change is shown");
  });

  test("ends with unsubscribe, and its name is free again", async () => {
    using live = connect();
    await live.opened();
    live.subscribe({ subscription: "s", deployments: { filter: { service: name } } });
    await live.caughtUp("s");
    live.send({ unsubscribe: { subscription: "s" } });
    live.subscribe({ subscription: "s", deployments: { filter: { service: "none" } } });
    await live.caughtUp("s", 2);

    await record("a", "deployment.started");
    live.subscribe({ subscription: "t", deployments: { filter: { service: name } } });
    await until(() => live.shown("t").size === 1, "another subscription shows it");

    expect(live.shown("s").size).toBe(0);
  });
});

describe("a subscription to what runs now", () => {
  test("shows of each service and environment the last successes, what is in flight and what changed last", async () => {
    for (let n = 1; n <= 7; n += 1) {
      await record(`ok-${n}`, "deployment.started", { environment: "prod" });
      await record(`ok-${n}`, "deployment.finished", { outcome: 1 });
    }
    await record("failed", "deployment.finished", { outcome: 2, environment: "prod" });
    await record("rolled-back", "deployment.finished", { outcome: 1, environment: "prod" });
    await record("rolled-back", "deployment.rolledback");
    await record("running", "deployment.started", { environment: "prod" });
    await record("staging", "deployment.started", { environment: "staging" });
    using live = connect();
    await live.opened();

    live.subscribe({ subscription: "n", now: { filter: { service: name } } });
    await live.caughtUp("n");

    const shown = [...live.shown("n").keys()].map((id) => id.slice(name.length + 1)).sort();
    expect(shown).toEqual(["ok-3", "ok-4", "ok-5", "ok-6", "ok-7", "running", "staging"]);
  });

  test("goes on with what comes, and forgets what matters no more", async () => {
    await record("failed", "deployment.finished", { outcome: 2 });
    using live = connect();
    await live.opened();
    live.subscribe({ subscription: "n", now: { filter: { service: name } } });
    await until(() => live.shown("n").size === 1, "the failed one is shown");

    await record("next", "deployment.started");

    await until(() => live.shown("n").has(`${name}-next`) && live.shown("n").size === 1, "the next one alone is shown");
  });
});

describe("a subscription to a deployment", () => {
  test("shows its events after a sequence, then live ones, each once", async () => {
    for (const message of ["1", "2", "3"]) await record("a", "deployment.progress", { message });
    using live = connect();
    await live.opened();
    live.subscribe({ subscription: "e", deployment: { deploymentId: `${name}-a`, afterSequence: "1" } });
    await live.caughtUp("e");
    expect(live.framesOf("e", "caughtUp")[0]).toMatchObject({ caughtUp: { cursor: "3", headSequence: "3" } });

    await record("a", "deployment.progress", { message: "4" });

    await until(() => live.events("e").length >= 3, "the live one is shown");
    expect(live.events("e").map(({ sequence, message }) => [sequence, message])).toEqual([
      ["2", "2"],
      ["3", "3"],
      ["4", "4"],
    ]);
  });

  test("is told when the service refuses it", async () => {
    using live = connect();
    await live.opened();
    live.subscribe({ subscription: "e", deployment: { deploymentId: "has space" } });

    await until(() => live.framesOf("e", "ended").length === 1, "it is refused");

    expect(live.framesOf("e", "ended")[0]).toMatchObject({ ended: { status: "INVALID_ARGUMENT" } });
    expect(live.isOpen).toBe(true);
  });

  test("is told when its cursor is ahead of what is stored", async () => {
    await record("a", "deployment.progress");
    using live = connect();
    await live.opened();
    live.subscribe({ subscription: "e", deployment: { deploymentId: `${name}-a`, afterSequence: "9" } });

    await until(() => live.framesOf("e", "ended").length === 1, "it is refused");

    expect(live.framesOf("e", "ended")[0]).toMatchObject({ ended: { message: expect.stringContaining("9") } });
  });
});
