import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ActivityEventsClient, type EventInit } from "@activity-events/client";
import type { ListDeploymentsResponseJson } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { startPage } from "@activity-events/testing/http-process";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { MetricsReport } from "../src/delivery/metrics-report.ts";
import { type GuardedPage, startGuardedPage } from "./guarded-page.ts";
import { LiveClient } from "./live-client.ts";
import { upgradeStatus } from "./upgrade-status.ts";

const bindings = `
  - { role: reader, members: ["user:mira@example.com"], prefixes: ["shop:"] }
  - { role: reader, members: ["group:billing"], prefixes: ["billing:"] }
  - { role: writer, members: ["user:will@example.com"] }
`;

let service: ServiceProcess;
let address: string;
let client: ActivityEventsClient;
let page: GuardedPage;
let ada: string;
let mira: string;
let bob: string;
let will: string;

beforeAll(async () => {
  service = new ServiceProcess();
  address = String((await service.line(({ message }) => message === "listening")).address);
  client = new ActivityEventsClient({ address, tls: false });
  page = await startGuardedPage({ service: address, bindings });
  for (const team of ["shop", "billing"]) {
    // Both teams deploy one service, so that what one may read hides behind what the other did.
    for (const number of [1, 2, 3]) await finish(`${team}:${number}`);
    await record({ deploymentId: `${team}:4`, type: "deployment.started", service: "api", environment: "prod" });
  }
});

beforeEach(async () => {
  [ada, mira, will] = (await Promise.all(
    ["ada", "mira", "will"].map((name) => page.bearer(`${name}@example.com`)),
  )) as [string, string, string];
  bob = await page.bearer("bob@example.com", { claims: { groups: ["staff", "billing"] } });
});

afterAll(async () => {
  client.close();
  await page[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

async function record(...events: readonly EventInit[]): Promise<void> {
  for (const event of events) await client.createEvent({ event });
}

function finish(deploymentId: string, outcome = 1): Promise<void> {
  return record({ deploymentId, type: "deployment.finished", outcome, service: "api", environment: "prod" });
}

interface CurlAnswer {
  readonly status: number;
  readonly text: string;
}

/** Asks with curl, which is not ours. */
async function curl(path: string, authorization?: string, url = page.url): Promise<CurlAnswer> {
  const header = authorization === undefined ? [] : ["-H", `Authorization: ${authorization}`];
  const { stdout } = await promisify(execFile)("curl", ["-sS", "-w", "\n%{http_code}", ...header, `${url}${path}`]);
  const end = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, end) };
}

async function listed(authorization?: string, url?: string): Promise<readonly (string | undefined)[]> {
  const { text } = await curl("/api/deployments", authorization, url);
  return ((JSON.parse(text) as ListDeploymentsResponseJson).deployments ?? []).map(({ deploymentId }) => deploymentId);
}

function open(authorization: string): LiveClient {
  return new LiveClient(page.url, { authorization });
}

const shop = ["shop:4", "shop:3", "shop:2", "shop:1"];
const billing = ["billing:4", "billing:3", "billing:2", "billing:1"];

test("each viewer is listed what they may read: by their address, by a group, or all", async () => {
  expect(await listed(mira)).toEqual(shop);
  expect(await listed(bob)).toEqual(billing);
  expect(await listed(ada)).toEqual([...billing, ...shop]);
});

test("a list goes on behind what the viewer may not read", async () => {
  const first = JSON.parse((await curl("/api/deployments?page_size=4", mira)).text) as ListDeploymentsResponseJson;
  const second = await curl(`/api/deployments?page_size=4&page_token=${first.nextPageToken}`, mira);

  expect(first.deployments ?? []).toEqual([]);
  expect(JSON.parse(second.text).deployments.map(({ deploymentId }: { deploymentId: string }) => deploymentId)).toEqual(
    shop,
  );
});

test("a deployment that the viewer may not read is refused alike, whether it exists or not", async () => {
  const [there, away] = await Promise.all(
    ["billing:1", "billing:9"].map((id) => curl(`/api/deployments/${id}/events`, mira)),
  );
  const own = await curl("/api/deployments/shop:1/events", mira);
  const none = await curl("/api/deployments/shop:9/events", mira);

  expect(there).toEqual({
    status: 403,
    text: '{"error":{"status":"PERMISSION_DENIED","message":"you may not read deployment billing:1"}}',
  });
  expect(away).toEqual({ status: 403, text: there?.text.replace("billing:1", "billing:9") });
  expect([own.status, none.status]).toEqual([200, 404]);
});

test("a socket is refused such a deployment in the same way, and goes on", async () => {
  using live = open(mira);
  await live.opened();

  for (const deploymentId of ["billing:1", "billing:9", "shop:1"])
    live.subscribe({ subscription: deploymentId, deployment: { deploymentId } });
  await live.caughtUp("shop:1");

  for (const id of ["billing:1", "billing:9"]) {
    const message = `you may not read deployment ${id}`;
    expect(live.frames.filter(({ subscription }) => subscription === id)).toEqual([
      { subscription: id, ended: { status: "PERMISSION_DENIED", message } },
    ]);
  }
  expect(live.events("shop:1")).toHaveLength(1);
  live.subscribe({ subscription: "billing:1", deployments: {} });
  await live.caughtUp("billing:1");
});

test("live lists show each viewer what they may read, and name nothing else that changes or leaves", async () => {
  using hers = open(mira);
  using all = open(ada);
  await Promise.all([hers.opened(), all.opened()]);
  const running = { filter: { state: "DEPLOYMENT_STATE_RUNNING" } } as const;
  for (const live of [hers, all]) {
    live.subscribe({ subscription: "list", deployments: {} });
    live.subscribe({ subscription: "running", deployments: running });
    live.subscribe({ subscription: "now", now: {} });
    await Promise.all(["list", "running", "now"].map((name) => live.caughtUp(name)));
  }
  const leftOf = (live: LiveClient) =>
    live.framesOf("running", "left").flatMap(({ left }) => (left as { deploymentIds: string[] }).deploymentIds);

  await record(
    { deploymentId: "billing:live", type: "deployment.started", service: "api", environment: "prod" },
    { deploymentId: "shop:live", type: "deployment.started", service: "api", environment: "prod" },
  );
  await until(() => all.shown("running").size === 4 && hers.shown("running").size === 2, "both are shown as running");
  await finish("billing:live");
  await finish("shop:live");
  await until(() => leftOf(all).length === 2 && leftOf(hers).length === 1, "both have left");

  expect([...hers.shown("list").keys()].sort()).toEqual([...shop, "shop:live"].sort());
  expect(leftOf(hers)).toEqual(["shop:live"]);
  expect(JSON.stringify(hers.frames)).not.toContain("billing");
  expect(JSON.stringify(all.frames)).toContain("billing:live");
});

test("what runs now is chosen among what the viewer may read", async () => {
  await Promise.all([10, 11, 12, 13, 14, 15].map((number) => finish(`billing:${number}`)));
  using hers = open(mira);
  using all = open(ada);
  for (const live of [hers, all]) {
    await live.opened();
    live.subscribe({ subscription: "now", now: {} });
    await live.caughtUp("now");
  }

  // The last five successes of the service hide hers from who sees all.
  expect([...hers.shown("now").keys()]).toEqual(expect.arrayContaining(["shop:1", "shop:2", "shop:3"]));
  expect([...all.shown("now").keys()]).not.toContain("shop:1");
});

test("delivery metrics are of what the viewer may read", async () => {
  await Promise.all([
    finish("shop:bad", 2),
    record({
      deploymentId: "billing:x",
      type: "deployment.finished",
      outcome: 2,
      service: "invoices",
      environment: "secret",
    }),
  ]);
  const report = async (authorization: string) =>
    JSON.parse((await curl("/api/metrics", authorization)).text) as MetricsReport;
  await until(async () => (await report(ada)).changeFailRate.failed === 2, "both failures are counted");

  const [hers, his, all] = await Promise.all([mira, bob, ada].map(report));

  expect([hers, his, all].map((each) => each?.changeFailRate.failed)).toEqual([1, 1, 2]);
  expect(hers?.choices).toMatchObject({ services: ["api"], environments: ["prod"] });
  expect(his?.choices).toMatchObject({ services: ["api", "invoices"], environments: ["prod", "secret"] });
  expect(JSON.stringify(hers)).not.toContain("billing");
});

test("Prometheus' metrics, which are of all deployments, are for who may read all", async () => {
  const answers = await Promise.all([mira, ada].map((authorization) => curl("/metrics", authorization)));

  expect(answers.map(({ status }) => status)).toEqual([403, 200]);
  expect(answers[0]?.text).toContain("these metrics are of all deployments, and you may not read all");
});

test("who may read nothing is told so on every path, and opens no socket", async () => {
  for (const path of ["/", "/deployments", "/api/deployments", "/api/metrics", "/metrics", "/favicon.svg"]) {
    expect(await curl(path, will)).toEqual({
      status: 403,
      text: '{"error":{"status":"PERMISSION_DENIED","message":"user:will@example.com may read no deployment; ask who runs this page for access"}}',
    });
  }
  expect(await upgradeStatus(page.url, { authorization: will })).toBe(403);
  expect(await upgradeStatus(page.url, {})).toBe(401);
  expect((await curl("/api/deployments")).status).toBe(401);
});

test("a token whose address is not verified names nobody", async () => {
  const authorization = await page.bearer("mira@example.com", { claims: { email_verified: false } });

  const { status, text } = await curl("/api/deployments", authorization);

  expect(status).toBe(401);
  expect(text).toContain("names nobody: the token's e-mail address is not verified");
});

test("a token for the service is none for the page", async () => {
  const authorization = await page.bearer("mira@example.com", { audience: "https://activity.example" });

  expect((await curl("/api/deployments", authorization)).status).toBe(401);
});

test("the page is told who looks", async () => {
  using live = open(mira);
  await live.opened();

  expect(live.alive[0]?.principal).toBe("user:mira@example.com");
});

test("a socket ends with its viewer's token", async () => {
  // 30 s are forgiven.
  using live = open(await page.bearer("mira@example.com", { lastsSeconds: -27 }));
  using lasting = open(mira);
  await Promise.all([live.opened(), lasting.opened()]);

  await until(() => live.closed !== undefined, "the socket is closed");

  expect(live.closed).toEqual({ code: 4001, reason: "reconnect" });
  expect(lasting.isOpen).toBe(true);
});

test("a changed file ends the sockets of whom it concerns alone; a bad one changes nothing", async () => {
  using hers = open(mira);
  using his = open(bob);
  await Promise.all([hers.opened(), his.opened()]);

  await page.change("  - { role: reeder, members: [all] }\n");
  const refused = await page.process.line(({ code }) => code === "ACCESS_REFUSED");
  expect(refused.faults).toEqual([
    expect.stringMatching(/access\.yaml:7:\d+: bindings\[1\]\.role must be one of reader/),
  ]);
  expect([hers.isOpen, his.isOpen]).toEqual([true, true]);
  expect((await listed(mira)).length).toBeGreaterThan(0);

  await page.change(bindings.replace('["shop:"]', '["shop:1"]'));
  await until(() => hers.closed !== undefined, "her socket is closed");
  using again = open(mira);
  await again.opened();
  again.subscribe({ subscription: "s", deployments: {} });
  await again.caughtUp("s");

  expect(hers.closed).toEqual({ code: 4001, reason: "reconnect" });
  expect(his.isOpen).toBe(true);
  expect([...again.shown("s").keys()]).toEqual(["shop:1"]);
  expect(await page.process.line(({ code }) => code === "ACCESS_READ")).toMatchObject({ severity: "INFO" });
  await page.change(bindings);
  await until(() => again.closed !== undefined, "her other socket is closed");
});

test("the service has one watch for viewers who may read different things", async () => {
  await using watched = new ServiceProcess();
  const { address: own } = await watched.line(({ message }) => message === "listening");
  const ended = () => watched.log.filter(({ method }) => String(method).endsWith("/WatchDeployments"));
  {
    await using other = await startGuardedPage({ service: String(own), bindings });
    const tokens = [await other.bearer("mira@example.com"), await other.bearer("ada@example.com")];
    const lives = tokens.map((authorization) => new LiveClient(other.url, { authorization }));
    for (const live of lives) {
      await live.opened();
      live.subscribe({ subscription: "s", deployments: {} });
      await live.caughtUp("s");
    }
    expect(ended()).toEqual([]);
    for (const live of lives) live.close();
    await until(() => ended().length > 0, "the watch has ended");
  }

  expect(ended()).toHaveLength(1);
});

test("where nobody checks identities, the file says what all may read", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "access.yaml");
  writeFileSync(
    file,
    `tokens:
  - { name: root, sha256: ${"ab".repeat(32)} }
bindings:
  - { role: admin, members: [token:root] }
  - { role: reader, members: [all], prefixes: ["shop:1"] }
`,
  );
  await using open = await startPage({ service: address, environment: { ACCESS_FILE: file } });
  using live = new LiveClient(open.url);
  await live.opened();

  expect(await listed(undefined, open.url)).toEqual(["shop:1"]);
  expect((await curl("/metrics", undefined, open.url)).status).toBe(403);
  expect(live.alive[0]).not.toHaveProperty("principal");
});

test("where nobody checks identities, a file that gives all nothing lets nobody in, and the way out is said", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "access.yaml");
  const tokens = `tokens: [{ name: root, sha256: ${"ab".repeat(32)} }]`;
  writeFileSync(file, `${tokens}\nbindings:\n  - { role: admin, members: [token:root] }\n`);
  await using shut = await startPage({ service: address, environment: { ACCESS_FILE: file } });

  expect(await curl("/", undefined, shut.url)).toEqual({
    status: 403,
    text: expect.stringContaining("this page signs nobody in: see PAGE_ACCESS"),
  });
});

test("a bad file is refused at the start, with line and reason", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "access.yaml");
  writeFileSync(file, "bindings:\n  - role: reeder\n    members: [all]\n");
  const program = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  await using refused = new ServiceProcess({ program, environment: { PAGE_PORT: "0", ACCESS_FILE: file } });

  expect(await refused.ended).toEqual({ code: 2, signal: null });
  expect(refused.errors).toContain(`${file}:2:11: bindings[0].role must be one of reader, writer, editor, admin`);
});
