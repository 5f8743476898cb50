import { until } from "@activity-events/testing/until";
import { afterAll, expect, test } from "@jest/globals";
import { broken, cleanUp, cloudRun, imageOf, launch, start } from "./running-rollout.ts";

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
  expect(output).toContain("Roll-out other is in progress");
  expect(cloud.traffic).toBe(`${first} 100`);
});

test.concurrent("the second of two roll-outs stops with a line that says why", async () => {
  const { cloud } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 60`);
  await until(() => cloud.traffic.includes(`${second} 5`), "the second revision gets its first share");

  const other = await start(cloud, broken);
  running.child.kill("SIGTERM");
  const { exitCode, output } = await running.ended;

  expect(other.exitCode).toBe(3);
  expect(other.output).toMatch(/^rollout: Roll-out \S+ is in progress at 5 % and holds the service until/);
  expect(exitCode).toBe(1);
  expect(output).toContain("Interrupted: ");
  expect(cloud.traffic).toBe(`${first} 100`);
});

test.concurrent("killed in the middle and started again, it goes on; the tag's revision is not made twice", async () => {
  const { cloud } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 60`);
  await until(() => cloud.traffic.includes(`${second} 5`), "the second revision gets its first share");
  running.child.kill("SIGKILL");
  await running.ended;

  const status = await launch(cloud, "status").ended;
  const { exitCode, output } = await start(cloud, good);

  expect(status.output).toMatch(/ 95 % {2}activity-events-00001-rev\n {2}5 % {2}activity-events-00002-rev {2}c-/);
  expect(output).toMatch(/^Continuing roll-out \S+, interrupted at 5 %/);
  // How the step looked that was cut short nobody has seen; what came before it was seen.
  expect(output).toMatch(
    /\n {2}5 % {2}healthy[^\n]*\n 25 % {2}healthy[^\n]*\n 50 % {2}healthy[^\n]*\n100 % {2}healthy/,
  );
  expect(output).not.toContain("  0 %  healthy");
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

  const { exitCode, output } = await start(cloud, good);

  expect(exitCode).toBe(0);
  expect(output).toContain("  0 %  healthy");
  expect(cloud.revisions.size).toBe(2);
  expect(cloud.traffic).toBe(`${second} 100`);
});

test.concurrent("a roll-out that was given up is taken back before another one begins", async () => {
  const { cloud } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 60`);
  await until(() => cloud.traffic.includes(`${second} 5`), "the second revision gets its first share");
  running.child.kill("SIGKILL");
  await running.ended;
  const held = JSON.parse(cloud.service.annotations?.["activity-events-rollout"] ?? "");
  const given = JSON.stringify({ ...held, heldUntil: "2026-01-01T00:00:00Z" });
  cloud.interfere({ annotations: { "activity-events-rollout": given } });

  const { exitCode, output } = await start(cloud, imageOf("c"));

  expect(output).toMatch(
    /^Roll-out \S+ was abandoned at 5 %\.\nRolled back\. All traffic is on activity-events-00001-rev\.\nRolling out/,
  );
  expect(exitCode).toBe(0);
  expect(cloud.traffic).toBe("activity-events-00003-rev 100");
});

test.concurrent("started again while it runs, the second goes on and the first leaves the traffic alone", async () => {
  const { cloud } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 60 --interval 1`);
  await until(() => cloud.traffic.includes(`${second} 5`), "the second revision gets its first share");

  const again = await start(cloud, good);
  const { exitCode, output } = await running.ended;

  expect(again.exitCode).toBe(0);
  expect(exitCode).toBe(3);
  expect(output).toMatch(/Somebody else took over from roll-out \S+: .*another run of the command/);
  expect(output).not.toContain("Rolled back");
  expect(cloud.traffic).toBe(`${second} 100`);
  expect(cloud.revisions.size).toBe(2);
});

test.concurrent("holds its claim for longer with each step, and from the moment that it goes on", async () => {
  const { cloud } = await cloudRun();
  const held: string[] = [];
  const note = () => {
    const claim = JSON.parse(cloud.service.annotations?.["activity-events-rollout"] ?? "{}");
    if (claim.heldUntil !== undefined) held.push(claim.heldUntil);
  };
  cloud.fateOf = () => ({ after: note });
  const running = launch(cloud, `start --image ${good} --hold 60`);
  await until(() => cloud.traffic.includes(`${second} 5`), "the second revision gets its first share");
  running.child.kill("SIGKILL");
  await running.ended;
  const given = JSON.parse(cloud.service.annotations?.["activity-events-rollout"] ?? "");
  cloud.interfere({
    annotations: { "activity-events-rollout": JSON.stringify({ ...given, heldUntil: "2026-01-01T00:00:00Z" }) },
  });
  const before = held.length;

  const { exitCode } = await start(cloud, good);

  expect(exitCode).toBe(0);
  // It took the service, made the revision and moved 5 %; then it went on and made the other three steps and the last.
  expect(before).toBeGreaterThanOrEqual(3);
  expect(held.length).toBeGreaterThanOrEqual(before + 5);
  expect(held).toEqual([...new Set(held)].sort());
  expect(held.slice(before).every((until) => Date.parse(until) > Date.now())).toBe(true);
});

test.concurrent("`rollback` leaves the traffic alone when a roll-out begins in the same moment", async () => {
  const { cloud } = await cloudRun();
  const done = await start(cloud, good);
  let changes = 0;
  const before = () => {
    changes += 1;
    if (changes > 1) return;
    cloud.interfere({ annotations: { ...cloud.service.annotations, "activity-events-rollout": claim("other") } });
  };
  cloud.fateOf = () => ({ before });

  const { exitCode, output } = await launch(cloud, "rollback").ended;

  expect(done.exitCode).toBe(0);
  expect(output).toBe("rollout: Another roll-out started or ended meanwhile. Check with `status`.\n");
  expect(exitCode).toBe(3);
  expect(cloud.traffic).toBe(`${second} 100`);
});

function claim(id: string): string {
  const heldUntil = new Date(Date.now() + 60_000).toISOString();
  return JSON.stringify({ id, runner: "other", image: broken, from: first, percent: 5, heldUntil });
}
