import { once } from "node:events";
import { ActivityEventsClient } from "@activity-events/client";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { until } from "@activity-events/testing/until";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { WebSocket as WebSocketClient } from "ws";
import { limits } from "../src/limits.ts";
import { LiveClient } from "./live-client.ts";
import { openPage, type TestPage } from "./page-server.ts";
import { upgradeStatus } from "./upgrade-status.ts";

let service: ServiceProcess;
let client: ActivityEventsClient;
let page: TestPage;

beforeAll(async () => {
  service = new ServiceProcess();
  const address = String((await service.line(({ message }) => message === "listening")).address);
  client = new ActivityEventsClient({ address, tls: false });
  page = await openPage({ service: address, allowedOrigins: ["https://activity.example"] });
});

afterAll(async () => {
  client.close();
  await page[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

const subscribe = (subscription: unknown, wanted: object) => JSON.stringify({ subscribe: { subscription, ...wanted } });

test.each([
  ["what is no JSON", "rubbish", "a message must be JSON"],
  ["JSON of another kind", "[1]", "a message must hold subscribe or unsubscribe"],
  ["null", "null", "a message must hold subscribe or unsubscribe"],
  ["an empty object", "{}", "a message must hold subscribe or unsubscribe"],
  ["another request", '{"delete":{}}', "subscription must be a text of 1 to 64 characters"],
  ["two requests at once", '{"subscribe":{},"unsubscribe":{}}', "a message must hold subscribe or unsubscribe"],
  ["no name", subscribe(undefined, { now: {} }), "subscription must be a text of 1 to 64 characters"],
  ["a long name", subscribe("x".repeat(65), { now: {} }), "subscription must be a text of 1 to 64 characters"],
  ["a subscription to nothing", subscribe("s", {}), "subscribe must hold deployments, now or deployment"],
  [
    "a subscription to two things",
    subscribe("s", { now: {}, deployments: {} }),
    "subscribe must hold deployments, now or deployment",
  ],
  [
    "an unknown field of a filter",
    subscribe("s", { now: { filter: { colour: "red" } } }),
    "now must be a WatchDeploymentsRequest",
  ],
  ["an unknown state", subscribe("s", { now: { filter: { state: 99 } } }), "now has a state that is not known"],
  ["no deployment", subscribe("s", { deployment: {} }), "deployment.deploymentId must be a text"],
  [
    "a cursor below zero",
    subscribe("s", { deployment: { deploymentId: "d", afterSequence: "-1" } }),
    "deployment.afterSequence must be a decimal number",
  ],
])("a socket that sends %s is closed with the reason", async (_, text, reason) => {
  using live = new LiveClient(page.url);
  await live.opened();

  live.sendText(text);

  await until(() => live.closed !== undefined, "the socket is closed");
  expect(live.closed).toEqual({ code: 1008, reason });
});

test("a socket that sends bytes is closed with the reason", async () => {
  using live = new LiveClient(page.url);
  await live.opened();

  live.sendText(new Uint8Array([1, 2, 3]));

  await until(() => live.closed !== undefined, "the socket is closed");
  expect(live.closed).toEqual({ code: 1008, reason: "a message must be text" });
});

test("a socket that sends more than a page would is closed", async () => {
  using live = new LiveClient(page.url);
  await live.opened();

  live.sendText(" ".repeat(limits.requestBytesMax + 1));

  await until(() => live.closed !== undefined, "the socket is closed");
  expect(live.closed?.code).toBe(1009);
});

test("a socket that opens too many subscriptions, or one twice, is closed with the reason", async () => {
  using many = new LiveClient(page.url);
  using twice = new LiveClient(page.url);
  await Promise.all([many.opened(), twice.opened()]);

  for (let n = 0; n <= limits.subscriptionsMax; n += 1) many.subscribe({ subscription: `${n}`, now: {} });
  for (let n = 0; n < 2; n += 1) twice.subscribe({ subscription: "s", now: {} });

  await until(() => many.closed !== undefined && twice.closed !== undefined, "both are closed");
  expect(many.closed).toEqual({ code: 1008, reason: `more than ${limits.subscriptionsMax} subscriptions` });
  expect(twice.closed).toEqual({ code: 1008, reason: "a subscription of this name is open already" });
});

test("a socket that floods is closed, and others do not notice", async () => {
  using flood = new LiveClient(page.url);
  using other = new LiveClient(page.url);
  await Promise.all([flood.opened(), other.opened()]);

  for (let n = 0; n < limits.requestsBurst * 2; n += 1) flood.send({ unsubscribe: { subscription: "s" } });
  await until(() => flood.closed !== undefined, "the flood is closed");
  other.subscribe({ subscription: "s", now: {} });
  await other.caughtUp("s");

  expect(flood.closed).toEqual({ code: 1008, reason: "too many messages" });
  expect(other.isOpen).toBe(true);
});

test("a socket that never reads gets what is stored when it reads, and others do not wait for it", async () => {
  const deaf = new WebSocketClient(`${page.url.replace("http", "ws")}/live`, "activity-events.v1");
  await once(deaf, "open");
  deaf.send(subscribe("s", { deployments: {} }));
  deaf.pause();
  using other = new LiveClient(page.url);
  await other.opened();
  other.subscribe({ subscription: "s", deployments: {} });
  await other.caughtUp("s");

  const message = "x".repeat(200);
  for (let n = 0; n < 40; n += 1) {
    const events = Array.from({ length: 100 }, (_, m) => ({
      deploymentId: `deaf-${n}-${m}`,
      type: "deployment.progress",
      url: `https://${message}`,
    }));
    for await (const { kind } of client.ingestEvents(events)) expect(kind).toBe("stored");
  }

  await until(() => other.shown("s").size >= 4_000, "the other one is shown all");
  const heard = new Set<string>();
  deaf.on("message", (data) => {
    for (const [, id = ""] of `${data}`.matchAll(/"deploymentId":"(deaf-\d+-\d+)"/g)) heard.add(id);
  });
  deaf.resume();
  await until(() => heard.size === 4_000, "it is shown all once it reads");
  deaf.close();
});

test.each([
  ["another path", { path: "/lives" }, 404],
  ["another subprotocol", { protocol: "chat" }, 400],
  ["another origin", { origin: "https://evil.example" }, 403],
  ["a name that somebody pointed here", { host: "evil.example" }, 403],
])("an upgrade with %s is refused", async (_, options, status) => {
  expect(await upgradeStatus(page.url, options)).toBe(status);
});

test.each([
  ["the page's own origin", {}],
  ["an allowed origin", { origin: "https://activity.example" }],
])("an upgrade with %s is taken", async (_, options) => {
  expect(await upgradeStatus(page.url, { origin: page.url, ...options })).toBe(101);
});
