import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ActivityEventsClient } from "@activity-events/client";
import { startClosedService } from "@activity-events/testing/closed-service";
import type { RunningService } from "@activity-events/testing/running-service";
import { afterAll, expect, test } from "@jest/globals";
import { broken, cleanUp, cloudRun, imageOf, launch, monitoring, recorded, root, start } from "./running-rollout.ts";

const good = imageOf("a");
const [first, second] = ["activity-events-00001-rev", "activity-events-00002-rev"];

afterAll(cleanUp);

test.concurrent("rolls a healthy image out step by step, records it, and goes back when told", async () => {
  const { cloud, services } = await cloudRun();

  const { exitCode, output } = await start(cloud, good);
  const events = await recorded(services[0]);
  const canary = await recordedCanary(services[1]);
  const again = await start(cloud, good);
  const done = await launch(cloud, "status").ended;
  const back = await launch(cloud, "rollback").ended;
  const after = await recorded(services[0]);

  expect(output).toContain(`Done. All traffic is on ${second}.`);
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
  expect(events).toEqual(["started", ...Array(4).fill("progress"), "finished"]);
  expect(canary).toBe(5);
  expect(again.output).toContain("Nothing to do");
  expect(done.output).toMatch(/The last one, \S+, is complete; `rollback` returns to activity-events-00001-rev[.]\n$/);
  expect(after).toEqual([...events, "rolledback"]);
  expect(back).toEqual({ exitCode: 0, output: `Rolled back. All traffic is on ${first}.\n` });
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

test.concurrent("leaves the traffic where it is when the revision never gets ready", async () => {
  const { cloud, services } = await cloudRun();

  const { exitCode, output } = await start(cloud, broken);

  expect(exitCode).toBe(1);
  expect(output).toContain("is not ready and cannot serve traffic");
  expect([...new Set(cloud.history)]).toEqual([`${first} 100`]);
  expect(cloud.service.annotations).not.toHaveProperty("activity-events-rollout");
  expect(await recorded(services[0])).toEqual(["started", "rolledback"]);
});

test.concurrent("makes its revision of what Terraform has changed in the same moment", async () => {
  const { cloud } = await cloudRun();
  let changes = 0;
  const before = () => {
    // The first update takes the service, the second one makes the revision.
    if (++changes !== 2) return;
    const { template } = cloud.service;
    cloud.interfere({ template: { ...template, serviceAccount: "another@project.iam.gserviceaccount.com" } });
  };
  cloud.fateOf = (percent) => (percent === 0 ? { before } : {});

  const { exitCode } = await start(cloud, good);

  expect(exitCode).toBe(0);
  expect(cloud.service.template).toMatchObject({
    serviceAccount: "another@project.iam.gserviceaccount.com",
    containers: [{ image: good }],
  });
});

test.concurrent("takes all traffic back in one update when the revision dies at 25 %", async () => {
  const { cloud, services } = await cloudRun();
  cloud.fateOf = (percent) => (percent === 25 ? { after: () => services[1]?.kill() } : {});

  const { exitCode, output } = await start(cloud, good);

  expect(exitCode).toBe(1);
  expect(output).toContain(`Failed check of ${second}`);
  expect(cloud.history.slice(-2)).toEqual([`${first} 75, ${second} 25`, `${first} 100`]);
  expect(cloud.service.trafficStatuses?.map(({ tag }) => tag)).toEqual([undefined]);
});

test.concurrent("takes all traffic back when too many requests fail", async () => {
  const { cloud } = await cloudRun();

  const { exitCode, output } = await start(cloud, good, await monitoring({ 200: 191, 429: 3, 503: 6, 403: 50 }));

  expect(exitCode).toBe(1);
  expect(output).toContain(": 3.6 % of 250 requests failed");
  expect(cloud.history.slice(-2)).toEqual([`${first} 95, ${second} 5`, `${first} 100`]);
});

test.concurrent("takes all traffic back when an operation fails", async () => {
  const { cloud } = await cloudRun();
  cloud.fateOf = (percent) => (percent === 50 ? { operationError: "no quota" } : {});

  const { exitCode, output } = await start(cloud, good);

  expect(exitCode).toBe(1);
  expect(output).toContain("no quota");
  expect(cloud.traffic).toBe(`${first} 100`);
});

test.concurrent.each(["made", "unmade"] as const)(
  "goes on when the connection is lost with the update %s",
  async (cut) => {
    const { cloud } = await cloudRun();
    let cuts = 0;
    cloud.fateOf = (percent) => (percent === 25 && ++cuts === 1 ? { cut } : {});

    const { exitCode } = await start(cloud, good);

    expect(exitCode).toBe(0);
    expect(cuts).toBeGreaterThan(0);
    expect(cloud.traffic).toBe(`${second} 100`);
  },
);

test.concurrent("goes on when somebody else changes something else", async () => {
  const { cloud } = await cloudRun();
  let changes = 0;
  cloud.fateOf = (percent) =>
    percent === 25 && ++changes === 1 ? { before: () => cloud.interfere({ labels: { team: "blue" } }) } : {};

  const { exitCode } = await start(cloud, good);

  expect(exitCode).toBe(0);
  expect(cloud.traffic).toBe(`${second} 100`);
  expect(cloud.service.labels).toEqual({ team: "blue" });
});

test.concurrent("a dry run changes nothing, and a tag is no image", async () => {
  const { cloud } = await cloudRun();

  const dry = await launch(cloud, `start --image ${good} --dry-run`).ended;
  const tagged = await launch(cloud, "start --image activity-events:latest").ended;
  const steps = await launch(cloud, `start --image ${good} --steps 50,20,100`).ended;

  expect(dry.exitCode).toBe(0);
  expect(dry.output).toContain(`Would move 25 % of the traffic from ${first} to it`);
  expect([tagged.exitCode, steps.exitCode]).toEqual([2, 2]);
  expect(cloud.history).toEqual([`${first} 100`]);
});

test.concurrent("says in a line what keeps it from reaching Cloud Run", async () => {
  const unreached = await launch({ port: 1 }, "status --unreached-max 1").ended;
  const unknown = await launch({ port: undefined }, "status").ended;

  expect(unreached).toEqual({
    exitCode: 4,
    output: expect.stringMatching(
      /^rollout: Cloud Run did not answer [(]14 UNAVAILABLE: [^{}]* ECONNREFUSED [^{}]*[)][.]\n$/,
    ),
  });
  expect(unknown).toEqual({
    exitCode: 3,
    output: expect.stringMatching(
      /^rollout: Not logged in[.] Run: gcloud auth application-default login [(].*[)][.]\n$/,
    ),
  });
});

test.concurrent("asks a closed service with a token, and begins nothing where it is not let in", async () => {
  const { cloud, services } = await cloudRun();
  const roll = async (credentials: "invoker" | "stranger" | "none") => {
    await using closed = await startClosedService({ target: services[0]?.address ?? "", credentials });
    cloud.service.uri = `https://${closed.address}`;
    const { CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: _, ...environment } = closed.environment;
    const end = await launch(cloud, `start --image ${good} --hold 0`, { environment }).ended;
    return { ...end, tokens: closed.authorizations };
  };

  const [none, stranger] = [await roll("none"), await roll("stranger")];
  const before = cloud.history.length;
  const invoker = await roll("invoker");

  expect([none.exitCode, stranger.exitCode, invoker.exitCode]).toEqual([3, 3, 0]);
  expect(none.output).toMatch(/^rollout: No token to call the service with/);
  expect(stranger.output).toMatch(/^rollout: Missing role: roles[/]run[.]invoker on the service/);
  expect(before).toBe(1);
  expect(invoker.tokens.every((token) => token?.startsWith("Bearer "))).toBe(true);
  expect(await recorded(services[0])).toEqual(["started", ...Array(4).fill("progress"), "finished"]);
});

test.concurrent("docs/rolling-out.md prints what its user sees", async () => {
  const { cloud, services } = await cloudRun();
  const metrics = await monitoring({ 200: 240 });
  const page = readFileSync(join(root, "docs", "rolling-out.md"), "utf8");
  const stories = [...page.matchAll(/```console\n\$ [^`]*?\n([^$`]*)```/g)];

  const healthy = await start(cloud, good, metrics);
  cloud.fateOf = (percent) => (percent === 25 ? { after: () => services[2]?.kill() } : {});
  const worse = await start(cloud, imageOf("b").replace(/b/g, "c"), metrics);

  expect(page).not.toContain("127.0.0.1");
  // The page shows what Cloud Run answers and is called, the test what a process here does.
  const timeless = (text: string) =>
    text
      .replace(/https?:\/\/\S+/g, "URI")
      .replace(/\S+@sha256:[0-9a-f]{64}/g, "IMAGE")
      .replace(/does not answer \([^)]*\)/g, "does not answer (REASON)");
  expect(stories.map(([, story = ""]) => timeless(story))).toEqual(
    [healthy, worse].map(({ output }) => timeless(output)),
  );
});
