import { rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { eventLine, headOf, leaveLongAgo, runnerAt } from "./recorded-run.ts";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

const nowhere = async () => `127.0.0.1:${await freePort()}`;

test("--all sends to each service that answers, and names each that does not, the one in use as well", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const [inUse, away] = [await nowhere(), await nowhere()];
  const runner = runnerAt(inUse);
  const head = (service: Readonly<Record<string, unknown>>) =>
    JSON.stringify({ spoolVersion: 1, service, deploymentId: "d" });
  const kept = [
    leaveLongAgo(runner, [headOf(inUse, "a"), eventLine("a", 1)], 1),
    leaveLongAgo(runner, [headOf(away, "b"), eventLine("b", 1)], 2),
    leaveLongAgo(runner, [head({ address: "h:1", caFile: "/no/such/file" }), eventLine("d", 1)], 3),
  ];
  leaveLongAgo(runner, [headOf(address, "c"), eventLine("c", 1)], 4);

  const { exitCode, output, errors } = await runner.run(["--timeout", "2", "flush", "--all"]);

  expect({ exitCode, output }).toEqual({ exitCode: 5, output: "c\t2\t0\n" });
  expect(errors).toContain(`nothing listens at ${inUse}`);
  expect(errors).toContain(`${away}: `);
  expect(errors).toContain("/no/such/file");
  expect(runner.spooled()).toEqual(kept);
});

test.each([
  ["names no version", "{}", "it does not begin with a version"],
  ["names no deployment", '{"spoolVersion":1,"service":{"address":"h:1"}}', "its first line names no deployment"],
  ["names no service", '{"spoolVersion":1,"deploymentId":"d"}', "service"],
])("leaves a file alone whose first line %s", async (_, line, reason) => {
  const runner = runnerAt(await nowhere());
  const path = leaveLongAgo(runner, [line, eventLine("d", 1)]);

  const { exitCode, errors } = await runner.run(["flush"]);

  expect(exitCode).toBe(1);
  expect(errors).toContain(`${path} is left alone: `);
  expect(errors).toContain(reason);
  expect(runner.spooled()).toEqual([path]);
});

test("removes the file of a run that was killed before its first line, and has nothing to send", async () => {
  const address = await nowhere();
  const runner = runnerAt(address);
  leaveLongAgo(runner, []);

  const flushed = await runner.run(["flush"]);

  expect(flushed).toEqual({
    exitCode: 0,
    output: "",
    errors: `activity_client: Nothing is left to send to ${address}.\n`,
  });
  expect(runner.spooled()).toEqual([]);
});

test("says that it cannot read the spool, or that there is none", async () => {
  const runner = runnerAt(await nowhere());
  const folder = dirname(leaveLongAgo(runner, []));
  rmSync(folder, { recursive: true });
  symlinkSync(folder, folder);

  const [unreadable, homeless] = await Promise.all([
    runner.run(["flush"]),
    runClient({ args: ["flush"], environment: { HOME: "", XDG_STATE_HOME: "" } }),
  ]);

  expect(unreadable).toMatchObject({ exitCode: 2, errors: expect.stringContaining(`${folder}: cannot read it: `) });
  expect(homeless).toMatchObject({ exitCode: 2, errors: expect.stringContaining("There is no spool") });
});

test("tells in the next run which events of an earlier one the service refuses, and where they are", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const runner = runnerAt(address);
  const refused = JSON.stringify({ deploymentId: "d", eventId: "e-2", source: "no uri <>", message: "m" });
  const path = leaveLongAgo(runner, [headOf(address, "d"), eventLine("d", 1), refused]);

  const { exitCode, errors } = await runner.run(["run", "-d", "d", "--", "true"]);

  expect(exitCode).toBe(0);
  expect(errors).toContain("event e-2 of an earlier run (d) was refused: ");
  expect(errors).toContain(`It is in ${join(dirname(path), "refused")}`);
  expect((await runner.events("d")).map(({ eventId, outcome }) => outcome ?? eventId)[0]).toBe("e-1");
});
