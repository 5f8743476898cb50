import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ActivityEventsClient } from "@activity-events/client";
import { afterEach, expect, test } from "@jest/globals";
import { cleanUp, type RunningService, startService, temporaryFolder } from "../../e2e/running-service.ts";
import { FakeCloudRun } from "./fake-cloud-run.ts";

const root = join(import.meta.dirname, "..", "..");
const imageOf = (letter: string) => `europe-docker.pkg.dev/p/activity/activity-events@sha256:${letter.repeat(64)}`;
const [old, good, broken] = [imageOf("0"), imageOf("a"), imageOf("b")];
const [first, second] = ["activity-events-00001-rev", "activity-events-00002-rev"];

const clouds = new Set<FakeCloudRun>();
const children = new Set<ChildProcess>();
const servers = new Set<Server>();

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const cloud of clouds) cloud.close();
  for (const server of servers) server.close();
  await cleanUp();
});

/** A service on Cloud Run with one revision, whose revisions are real services; those of the image `broken` never start. */
async function cloudRun() {
  const services: RunningService[] = [];
  const start = async (image: string) => {
    if (image === broken) return undefined;
    const service = await startService({ dataDir: temporaryFolder(), environment: { STORE: "memory" } });
    services.push(service);
    return `http://${service.address}`;
  };
  const cloud = new FakeCloudRun({ start, image: old });
  clouds.add(cloud);
  await cloud.open();
  return { cloud, services };
}

/** Cloud Monitoring, which has counted so many requests, and so many of them as failed. */
async function monitoring(requests: number, failed: number): Promise<string> {
  const count = (response_code_class: string, value: number) => ({
    metric: { labels: { response_code_class } },
    points: [{ value: { int64Value: `${value}` } }],
  });
  const server = createServer(({ url = "" }, response) => {
    const latencies = [{ points: [{ value: { doubleValue: 12.4 } }] }];
    const counts = [count("2xx", requests - failed), count("5xx", failed)];
    response.end(JSON.stringify({ timeSeries: url.includes("request_count") ? counts : latencies }));
  });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly output: string }>;
}

/** Starts the command as a process of its own. */
function launch({ port }: FakeCloudRun, line: string, metrics = "http://127.0.0.1:1/"): Run {
  const named = "--service activity-events --region region --project project";
  const child = spawn(process.execPath, [join(root, "rollout", "src", "main.ts"), ...`${line} ${named}`.split(" ")], {
    env: {
      PATH: process.env.PATH,
      METADATA_SERVER_DETECTION: "none",
      CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: `http://127.0.0.1:${port}/`,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_MONITORING: metrics,
    },
  });
  children.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode, output }));
  return { child, output: () => output, ended };
}

const start = (cloud: FakeCloudRun, image = good, metrics?: string) =>
  launch(cloud, `start --image ${image} --hold 0`, metrics).ended;

/** The types of the events that a roll-out has recorded. */
async function recorded(service: RunningService | undefined): Promise<string[]> {
  const client = new ActivityEventsClient({ address: service?.address ?? "", tls: false });
  try {
    const types: string[] = [];
    for await (const { deploymentId } of client.listDeployments()) {
      if (deploymentId.startsWith("canary-")) continue;
      for await (const { type } of client.listEvents({ deploymentId })) types.push(type);
    }
    return types;
  } finally {
    client.close();
  }
}

test("rolls a healthy image out step by step, records it, and goes back when told", async () => {
  const { cloud, services } = await cloudRun();

  const { exitCode, output } = await start(cloud);
  const events = await recorded(services[0]);
  const canary = await recordedCanary(services[1]);
  const again = await start(cloud);
  const back = await launch(cloud, "rollback").ended;

  expect(output).toContain(`Done: all traffic is on ${second}.`);
  expect(exitCode).toBe(0);
  expect([...new Set(cloud.history)]).toEqual([
    `${first} 100`,
    `${first} 95, ${second} 5`,
    `${first} 75, ${second} 25`,
    `${first} 50, ${second} 50`,
    `${second} 100`,
  ]);
  expect(cloud.service.annotations).toMatchObject({ owner: "us" });
  expect(cloud.service.annotations).not.toHaveProperty("activity-events-rollout");
  expect(events).toEqual(["deployment.started", ...Array(4).fill("deployment.progress"), "deployment.finished"]);
  expect(canary).toBe(5);
  expect(again.output).toContain("Nothing to do");
  expect(back).toEqual({ exitCode: 0, output: `All traffic is back on ${first}.\n` });
  expect(cloud.traffic).toBe(`${first} 100`);
});

async function recordedCanary(service: RunningService | undefined): Promise<number> {
  const client = new ActivityEventsClient({ address: service?.address ?? "", tls: false });
  let events = 0;
  for await (const { deploymentId, headSequence } of client.listDeployments()) {
    if (deploymentId.startsWith("canary-")) events += Number(headSequence);
  }
  client.close();
  return events;
}

test("leaves the traffic where it is when the revision never gets ready", async () => {
  const { cloud, services } = await cloudRun();

  const { exitCode, output } = await start(cloud, broken);

  expect(exitCode).toBe(1);
  expect(output).toContain("is not ready and cannot serve traffic");
  expect([...new Set(cloud.history)]).toEqual([`${first} 100`]);
  expect(cloud.service.annotations).not.toHaveProperty("activity-events-rollout");
  expect(await recorded(services[0])).toEqual(["deployment.started", "deployment.rolledback"]);
});

test("takes all traffic back in one update when the revision dies at 25 %", async () => {
  const { cloud, services } = await cloudRun();
  cloud.fateOf = (percent) => (percent === 25 ? { after: () => services[1]?.kill() } : {});

  const { exitCode, output } = await start(cloud);

  expect(exitCode).toBe(1);
  expect(output).toContain(`Bad sign: ${second}`);
  expect(cloud.history.slice(-2)).toEqual([`${first} 75, ${second} 25`, `${first} 100`]);
  expect(cloud.service.trafficStatuses?.map(({ tag }) => tag)).toEqual([undefined]);
});

test("takes all traffic back when too many requests fail", async () => {
  const { cloud } = await cloudRun();

  const { exitCode, output } = await start(cloud, good, await monitoring(200, 9));

  expect(exitCode).toBe(1);
  expect(output).toContain("4.5 % of 200 requests failed");
  expect(cloud.history.slice(-2)).toEqual([`${first} 95, ${second} 5`, `${first} 100`]);
});

test("takes all traffic back when an operation fails", async () => {
  const { cloud } = await cloudRun();
  cloud.fateOf = (percent) => (percent === 50 ? { operationError: "no quota" } : {});

  const { exitCode, output } = await start(cloud);

  expect(exitCode).toBe(1);
  expect(output).toContain("no quota");
  expect(cloud.traffic).toBe(`${first} 100`);
});

test.each(["made", "unmade"] as const)("goes on when the connection is lost with the update %s", async (cut) => {
  const { cloud } = await cloudRun();
  let cuts = 0;
  cloud.fateOf = (percent) => (percent === 25 && ++cuts === 1 ? { cut } : {});

  const { exitCode } = await start(cloud);

  expect(exitCode).toBe(0);
  expect(cuts).toBeGreaterThan(0);
  expect(cloud.traffic).toBe(`${second} 100`);
});

test("goes on when somebody else changes something else", async () => {
  const { cloud } = await cloudRun();
  let changes = 0;
  cloud.fateOf = (percent) =>
    percent === 25 && ++changes === 1 ? { before: () => cloud.interfere({ labels: { team: "blue" } }) } : {};

  const { exitCode } = await start(cloud);

  expect(exitCode).toBe(0);
  expect(cloud.traffic).toBe(`${second} 100`);
  expect(cloud.service.labels).toEqual({ team: "blue" });
});

test("stops, and leaves the traffic alone, when another takes the service in the same moment", async () => {
  const { cloud } = await cloudRun();
  cloud.fateOf = () => ({
    before: () => cloud.interfere({ annotations: { "activity-events-rollout": claim("other") } }),
  });

  const { exitCode, output } = await start(cloud);

  expect(exitCode).toBe(3);
  expect(output).toContain("The roll-out other is under way");
  expect(cloud.traffic).toBe(`${first} 100`);
});

test("the second of two roll-outs stops with a line that says why", async () => {
  const { cloud } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 60`);
  await until(() => cloud.traffic.includes(`${second} 5`));

  const other = await start(cloud, broken);
  running.child.kill("SIGTERM");
  const { exitCode, output } = await running.ended;

  expect(other.exitCode).toBe(3);
  expect(other.output).toMatch(/^rollout: The roll-out \S+ is under way, at 5 %, and holds the service until/);
  expect(exitCode).toBe(1);
  expect(output).toContain("the roll-out was interrupted");
  expect(cloud.traffic).toBe(`${first} 100`);
});

test("killed in the middle and started again, it goes on; the tag's revision is not made twice", async () => {
  const { cloud } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 60`);
  await until(() => cloud.traffic.includes(`${second} 5`));
  running.child.kill("SIGKILL");
  await running.ended;

  const status = await launch(cloud, "status").ended;
  const { exitCode, output } = await start(cloud);

  expect(status.output).toMatch(/ 95 % {2}activity-events-00001-rev\n {2}5 % {2}activity-events-00002-rev {2}c-/);
  expect(output).toMatch(/^Going on with the roll-out \S+, which was cut short at 5 %/);
  expect(exitCode).toBe(0);
  expect(cloud.traffic).toBe(`${second} 100`);
  expect(cloud.revisions.size).toBe(2);
});

test("killed while the revision was made and started again, it makes no second one", async () => {
  const { cloud } = await cloudRun();
  const killed = Promise.withResolvers<void>();
  cloud.fateOf = () => ({
    after: () => {
      if (cloud.revisions.size === 2) running.child.kill("SIGKILL");
      killed.resolve();
    },
  });
  const running = launch(cloud, `start --image ${good} --hold 0`);
  await running.ended;
  await killed.promise;
  cloud.fateOf = () => ({});

  const { exitCode } = await start(cloud);

  expect(exitCode).toBe(0);
  expect(cloud.revisions.size).toBe(2);
  expect(cloud.traffic).toBe(`${second} 100`);
});

test("a roll-out that was given up is taken back before another one begins", async () => {
  const { cloud } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 60`);
  await until(() => cloud.traffic.includes(`${second} 5`));
  running.child.kill("SIGKILL");
  await running.ended;
  const held = JSON.parse(cloud.service.annotations?.["activity-events-rollout"] ?? "");
  const given = JSON.stringify({ ...held, heldUntil: "2026-01-01T00:00:00Z" });
  cloud.interfere({ annotations: { "activity-events-rollout": given } });

  const { exitCode, output } = await start(cloud, imageOf("c"));

  expect(output).toContain(`was given up at 5 %; all traffic goes back to ${first} first`);
  expect(exitCode).toBe(0);
  expect(cloud.traffic).toBe("activity-events-00003-rev 100");
});

test("a dry run changes nothing, and a tag is no image", async () => {
  const { cloud } = await cloudRun();

  const dry = await launch(cloud, `start --image ${good} --dry-run`).ended;
  const tagged = await launch(cloud, "start --image activity-events:latest").ended;
  const steps = await launch(cloud, `start --image ${good} --steps 50,20,100`).ended;

  expect(dry.exitCode).toBe(0);
  expect(dry.output).toContain(`would move 25 % of the traffic from ${first} to it`);
  expect([tagged.exitCode, steps.exitCode]).toEqual([2, 2]);
  expect(cloud.history).toEqual([`${first} 100`]);
});

test("docs/rolling-out.md prints what its user sees", async () => {
  const { cloud, services } = await cloudRun();
  const metrics = await monitoring(240, 0);
  const stories = [
    ...readFileSync(join(root, "docs", "rolling-out.md"), "utf8").matchAll(/```console\n\$ [^`]*?\n([^$`]*)```/g),
  ];

  const healthy = await start(cloud, good, metrics);
  cloud.fateOf = (percent) => (percent === 25 ? { after: () => services[2]?.kill() } : {});
  const worse = await start(cloud, imageOf("b").replace(/b/g, "c"), metrics);

  const timeless = (text: string) => text.replace(/http:\/\/\S+/g, "URI").replace(/\(connect [^)]*\)/g, "(REASON)");
  expect(stories.map(([, story = ""]) => timeless(story))).toEqual(
    [healthy, worse].map(({ output }) => timeless(output)),
  );
});

function claim(id: string): string {
  const heldUntil = new Date(Date.now() + 60_000).toISOString();
  return JSON.stringify({ id, runner: "other", image: broken, from: first, percent: 5, heldUntil });
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 20));
}
