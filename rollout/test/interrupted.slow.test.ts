import { until } from "@activity-events/testing/until";
import { afterAll, expect, test } from "@jest/globals";
import { cleanUp, cloudRun, imageOf, launch, recorded } from "./running-rollout.ts";

const good = imageOf("a");
const [first, second] = ["activity-events-00001-rev", "activity-events-00002-rev"];
const interrupted = `Interrupted: waiting for Cloud Run to finish the last change.\nRolled back. All traffic is on ${first}.\n`;

afterAll(cleanUp);

test.concurrent("Ctrl-C through npm takes all traffic back, although npm passes it on once more", async () => {
  const { cloud, services } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 60`, { command: ["npm", "run", "-s", "rollout", "--"] });
  await until(() => cloud.traffic.includes(`${second} 5`), "the second revision gets its first share");

  // What a terminal does: the signal goes to all that run there.
  process.kill(-(running.child.pid ?? Number.NaN), "SIGINT");
  const { output } = await running.ended;
  await until(() => cloud.traffic === `${first} 100`, "the first revision serves all again");

  expect(output.endsWith(interrupted)).toBe(true);
  expect(cloud.service.annotations).not.toHaveProperty("activity-events-rollout");
  expect(await recorded(services[0])).toEqual(["started", "rolledback"]);
});

test.concurrent.each(["SIGTERM", "SIGHUP"] as const)(
  "%s takes all traffic back, before the new revision has any too",
  async (signal) => {
    const { cloud } = await cloudRun();
    cloud.fateOf = () => ({ after: () => void (cloud.revisions.size === 2 && running.child.kill(signal)) });
    const running = launch(cloud, `start --image ${good} --hold 0`);

    const { exitCode, output } = await running.ended;

    expect(exitCode).toBe(1);
    expect(output).toMatch(/\nInterrupted: [\s\S]*\nRolled back. All traffic is on activity-events-00001-rev[.]\n$/);
    expect(output).not.toContain("healthy");
    expect([...new Set(cloud.history)]).toEqual([`${first} 100`]);
    expect(cloud.service.annotations).not.toHaveProperty("activity-events-rollout");
  },
);

test.concurrent("goes on when nobody reads what it prints any more", async () => {
  const { cloud } = await cloudRun();
  cloud.fateOf = (percent) => (percent === 5 ? { after: () => void running.child.stdout?.destroy() } : {});
  const running = launch(cloud, `start --image ${good} --hold 0`);

  const { exitCode } = await running.ended;

  expect(exitCode).toBe(0);
  expect(cloud.traffic).toBe(`${second} 100`);
});

test.concurrent("`rollback` ends a roll-out that is under way, which then leaves the traffic alone", async () => {
  const { cloud, services } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 60 --interval 1`);
  await until(() => cloud.traffic.includes(`${second} 5`), "the second revision gets its first share");

  const back = await launch(cloud, "rollback").ended;
  const { exitCode, output } = await running.ended;
  const again = await launch(cloud, "rollback").ended;

  expect(output).not.toContain("Failed check");
  expect(back).toEqual({ exitCode: 0, output: `Rolled back. All traffic is on ${first}.\n` });
  expect(exitCode).toBe(3);
  expect(output).toMatch(/Somebody else took over from roll-out \S+: it ended with `rollback`/);
  expect(cloud.history.at(-1)).toBe(`${first} 100`);
  expect(await recorded(services[0])).toEqual(["started", "rolledback"]);
  expect(again).toEqual({ exitCode: 3, output: "rollout: activity-events has no roll-out to roll back.\n" });
});

test.concurrent("`rollback` and a step in the same moment: whoever comes second reads anew", async () => {
  const { cloud } = await cloudRun();
  const running = launch(cloud, `start --image ${good} --hold 0`);
  let backs: Promise<{ readonly exitCode: number | null }> | undefined;
  // The step's update is on its way when the rollback is made: its etag is not the service's any more.
  cloud.fateOf = (percent) =>
    percent === 25 && backs === undefined
      ? {
          before: () => {
            backs = launch(cloud, "rollback").ended;
            return backs;
          },
        }
      : {};

  const { exitCode, output } = await running.ended;

  expect(exitCode).toBe(3);
  expect(output).toContain("it ended with `rollback`");
  expect(output).not.toContain("Failed check");
  expect((await backs)?.exitCode).toBe(0);
  expect(cloud.history.at(-1)).toBe(`${first} 100`);
});
