import { afterAll, expect, test } from "@jest/globals";
import { broken, cleanUp, cloudRun, imageOf, launch, start, until } from "./running-rollout.ts";

const good = imageOf("a");
const [first, second] = ["activity-events-00001-rev", "activity-events-00002-rev"];

afterAll(cleanUp);

test.concurrent("stops, and leaves the traffic alone, when another takes the service in the same moment", async () => {
  const { cloud } = await cloudRun();
  cloud.fateOf = () => ({
    before: () => cloud.interfere({ annotations: { "activity-events-rollout": claim("other") } }),
  });

  const { exitCode, output } = await start(cloud, good);

  expect(exitCode).toBe(3);
  expect(output).toContain("The roll-out other is under way");
  expect(cloud.traffic).toBe(`${first} 100`);
});

test.concurrent("the second of two roll-outs stops with a line that says why", async () => {
  const { cloud } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 60`);
  await until(() => cloud.traffic.includes(`${second} 5`));

  const other = await start(cloud, broken);
  running.child.kill("SIGTERM");
  const { exitCode, output } = await running.ended;

  expect(other.exitCode).toBe(3);
  expect(other.output).toMatch(/^rollout: The roll-out \S+ is under way, at 5 %, and holds the service until/);
  expect(exitCode).toBe(1);
  expect(output).toContain("Interrupted: ");
  expect(cloud.traffic).toBe(`${first} 100`);
});

test.concurrent("killed in the middle and started again, it goes on; the tag's revision is not made twice", async () => {
  const { cloud } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 60`);
  await until(() => cloud.traffic.includes(`${second} 5`));
  running.child.kill("SIGKILL");
  await running.ended;

  const status = await launch(cloud, "status").ended;
  const { exitCode, output } = await start(cloud, good);

  expect(status.output).toMatch(/ 95 % {2}activity-events-00001-rev\n {2}5 % {2}activity-events-00002-rev {2}c-/);
  expect(output).toMatch(/^Going on with the roll-out \S+, which was cut short at 5 %/);
  expect(exitCode).toBe(0);
  expect(cloud.traffic).toBe(`${second} 100`);
  expect(cloud.revisions.size).toBe(2);
});

test.concurrent("killed while the revision was made and started again, it makes no second one", async () => {
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

  const { exitCode } = await start(cloud, good);

  expect(exitCode).toBe(0);
  expect(cloud.revisions.size).toBe(2);
  expect(cloud.traffic).toBe(`${second} 100`);
});

test.concurrent("a roll-out that was given up is taken back before another one begins", async () => {
  const { cloud } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 60`);
  await until(() => cloud.traffic.includes(`${second} 5`));
  running.child.kill("SIGKILL");
  await running.ended;
  const held = JSON.parse(cloud.service.annotations?.["activity-events-rollout"] ?? "");
  const given = JSON.stringify({ ...held, heldUntil: "2026-01-01T00:00:00Z" });
  cloud.interfere({ annotations: { "activity-events-rollout": given } });

  const { exitCode, output } = await start(cloud, imageOf("c"));

  expect(output).toMatch(
    /^The roll-out \S+ was given up at 5 %\.\nAll traffic is back on activity-events-00001-rev\.\nRolling out/,
  );
  expect(exitCode).toBe(0);
  expect(cloud.traffic).toBe("activity-events-00003-rev 100");
});

function claim(id: string): string {
  const heldUntil = new Date(Date.now() + 60_000).toISOString();
  return JSON.stringify({ id, runner: "other", image: broken, from: first, percent: 5, heldUntil });
}
