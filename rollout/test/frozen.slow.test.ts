import { afterAll, expect, test } from "@jest/globals";
import { cleanUp, cloudRun, imageOf, launch, recorded, sick, start } from "./running-rollout.ts";
import { startWire } from "./start-wire.ts";

const good = imageOf("a");
const [first, second] = ["activity-events-00001-rev", "activity-events-00002-rev"];

afterAll(cleanUp);

test.concurrent("takes the traffic back from a revision that says it is not serving", async () => {
  const { cloud, services } = await cloudRun();

  const { exitCode, output } = await start(cloud, sick);

  expect(exitCode).toBe(1);
  expect(output).toContain(
    `Failed check of ${second}: its health is NOT_SERVING\nRolled back. All traffic is on ${first}.\n`,
  );
  expect([...new Set(cloud.history)]).toEqual([`${first} 100`]);
  expect(await recorded(services[0])).toEqual(["started", "rolledback"]);
});

test.concurrent("takes the traffic back from a revision that does not answer any more", async () => {
  const { cloud, services } = await cloudRun();
  cloud.fateOf = (percent) => (percent === 25 ? { after: () => services[1]?.signal("SIGSTOP") } : {});

  const { exitCode, output } = await start(cloud, good);

  expect(exitCode).toBe(1);
  expect(output).toMatch(/Failed check of \S+: it does not answer [(]Deadline exceeded/);
  expect(cloud.history.slice(-2)).toEqual([`${first} 75, ${second} 25`, `${first} 100`]);
});

test.concurrent("begins nothing while the service as it is does not say whether it lets the roll-out in", async () => {
  const { cloud, services } = await cloudRun();
  services[0]?.signal("SIGSTOP");

  const { exitCode, output } = await launch(cloud, `start --image ${good} --hold 0 --unreached-max 1`).ended;

  expect(exitCode).toBe(4);
  expect(output).toMatch(/^rollout: activity-events did not answer [(]Deadline exceeded[^\n]*[)][.]\n$/);
  expect(cloud.history).toEqual([`${first} 100`]);
  expect(cloud.service.annotations).toEqual({ owner: "us" });
});

test.concurrent("begins once the service as it is answers", async () => {
  const { cloud, services } = await cloudRun();
  services[0]?.signal("SIGSTOP");
  // Longer than one call waits for an answer.
  setTimeout(() => services[0]?.signal("SIGCONT"), 12_000);

  const { exitCode } = await launch(cloud, `start --image ${good} --hold 0 --unreached-max 20`).ended;

  expect(exitCode).toBe(0);
  expect(cloud.traffic).toBe(`${second} 100`);
  expect(await recorded(services[0])).toEqual(["started", ...Array(4).fill("progress"), "finished"]);
});

test.concurrent("goes on when Cloud Run does not answer for a while", async () => {
  const { cloud } = await cloudRun();
  const wire = await startWire(cloud.port);
  let freezes = 0;
  const after = () => {
    if (++freezes > 1) return;
    wire.freeze();
    setTimeout(wire.thaw, 5_000);
  };
  cloud.fateOf = (percent) => (percent === 25 ? { after } : {});

  const { exitCode } = await launch(wire, `start --image ${good} --hold 0 --unreached-max 8`).ended;

  expect(exitCode).toBe(0);
  expect(cloud.traffic).toBe(`${second} 100`);
});

test.concurrent("ends by itself when Cloud Run does not answer any more, and goes on when it does again", async () => {
  const { cloud } = await cloudRun();
  const wire = await startWire(cloud.port);
  cloud.fateOf = (percent) => (percent === 25 ? { after: wire.freeze } : {});

  const stuck = await launch(wire, `start --image ${good} --hold 0 --unreached-max 4`).ended;
  const left = cloud.traffic;
  wire.thaw();
  cloud.fateOf = () => ({});
  const status = await launch(wire, "status").ended;
  const again = await launch(wire, `start --image ${good} --hold 0`).ended;

  expect(stuck.exitCode).toBe(4);
  expect(stuck.output).toContain(`The traffic stays at 25 %`);
  expect(left).toBe(`${first} 75, ${second} 25`);
  expect(status.output).toContain("is in progress at 25 %.");
  expect(again.exitCode).toBe(0);
  expect(cloud.traffic).toBe(`${second} 100`);
});

test.concurrent("is not held up for long by a service that does not take its log", async () => {
  const { cloud, services } = await cloudRun();
  cloud.fateOf = (percent) => (percent === 100 ? { after: () => services[0]?.signal("SIGSTOP") } : {});

  const { exitCode, output } = await start(cloud, good);

  expect(exitCode).toBe(0);
  expect(output).toContain("(deployment.finished is not recorded: ");
  expect(cloud.traffic).toBe(`${second} 100`);
});

test.concurrent("knows that its last change was made when the answers to it got lost", async () => {
  const { cloud } = await cloudRun();
  const wire = await startWire(cloud.port);
  let isFrozen = false;
  const after = () => {
    if (isFrozen || cloud.history.at(-2) !== `${second} 100`) return;
    isFrozen = true;
    wire.freeze();
    // Longer than the change is waited for, shorter than it is tried again.
    setTimeout(wire.thaw, 12_000);
  };
  cloud.fateOf = (percent) => (percent === 0 ? { after } : {});

  const { exitCode, output } = await launch(wire, `start --image ${good} --hold 0 --unreached-max 6`).ended;

  expect(isFrozen).toBe(true);
  expect(output).toContain(`Done. All traffic is on ${second}.`);
  expect(exitCode).toBe(0);
});
