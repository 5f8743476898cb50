import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { eventLine, filesIn, headOf, leave, leaveLongAgo, linesOf, program, runnerAt } from "./recorded-run.ts";
import { endClients } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

test("keeps the events of a run whose service is away, readable by the owner alone, and sends them before later ones", async () => {
  const port = await freePort();
  const dataDir = temporaryFolder().path;
  const runner = runnerAt(`127.0.0.1:${port}`);
  const { run, listed: events, spooled } = runner;

  const away = await run(["run", "-d", "d", "--", "sh", "-c", "echo deployed; exit 3"]);
  const strict = await run(["run", "-d", "e", "--strict", "--", "true"]);
  const kept = spooled();
  await startService({ dataDir, port });
  const later = await run(["run", "-d", "d", "--", "true"]);

  expect(away).toMatchObject({ exitCode: 3, output: "deployed\n" });
  expect(away.errors).toMatch(/^activity_client: 2 events are not sent yet: nothing listens at 127\.0\.0\.1:\d+;/);
  expect(kept).toHaveLength(2);
  expect(away.errors).toContain(`they are in ${dirname(kept[0] ?? "")}.`);
  expect(strict.exitCode).toBe(5);
  expect(later).toEqual({ exitCode: 0, output: "", errors: "" });
  expect((await events("d")).map(({ type, outcome }) => outcome ?? type)).toEqual([
    "deployment.started",
    "OUTCOME_FAILURE",
    "deployment.started",
    "OUTCOME_SUCCESS",
  ]);
  expect(await events("e")).toHaveLength(2);
  expect(spooled()).toEqual([]);
  const folder = join(runner.stateFolder, "activity-events", "spool");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("keeps what add says within a command while the service is away, and does not stop a script with set -e", async () => {
  const port = await freePort();
  const dataDir = temporaryFolder().path;
  const { run, listed: events, spooled } = runnerAt(`127.0.0.1:${port}`);
  const script = `set -euo pipefail; ${program} add -m migrated; echo switched`;

  const away = await run(["run", "-d", "d", "--", "bash", "-c", script]);
  const kept = spooled();
  await startService({ dataDir, port });
  const flushed = await run(["flush"]);

  expect(away).toMatchObject({ exitCode: 0, output: "switched\n" });
  expect(away.errors).toContain("warning: not recorded yet: UNAVAILABLE: nothing listens at");
  expect(kept).toHaveLength(2);
  expect(flushed).toMatchObject({ exitCode: 0, errors: "" });
  expect((await events("d")).map(({ message, type }) => message ?? type).sort()).toEqual([
    "The command ended with exit code 0.",
    "deployment.started",
    "migrated",
  ]);
});

test("sends what add kept within the command when the service is back before its end", async () => {
  const port = await freePort();
  const dataDir = temporaryFolder().path;
  const { run, listed: events, spooled } = runnerAt(`127.0.0.1:${port}`);
  const gate = join(temporaryFolder().path, "gate");

  const running = run([
    "run",
    "-d",
    "d",
    "--",
    "bash",
    "-c",
    `${program} add -m migrated; while [ ! -e ${gate} ]; do sleep 0.1; done`,
  ]);
  await until(() => spooled().length === 2, "the event is kept");
  await startService({ dataDir, port });
  await until(async () => (await events("d").catch(() => [])).length >= 1, "the run is connected");
  writeFileSync(gate, "");
  await running;

  expect(spooled()).toEqual([]);
  expect(await events("d")).toHaveLength(3);
});

test("writes a file that other tools read and add takes", async () => {
  const { run, spooled } = runnerAt("127.0.0.1:1");

  await run(["run", "-d", "d", "--", "true"]);

  const [path = ""] = spooled();
  const [head, started, finished] = linesOf(path);
  expect(head).toEqual({ spoolVersion: 1, service: { address: "127.0.0.1:1" }, deploymentId: "d" });
  expect([started, finished]).toMatchObject([{ type: "deployment.started" }, { type: "deployment.finished" }]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const input = readFileSync(path, "utf8").split("\n").slice(1).join("\n");
  expect(await runnerAt(address).run(["add"], { input })).toMatchObject({ exitCode: 0, errors: "" });
});

test("sends what a killed run has left, once, and says that its end is not known", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const { start, run, listed: events, spooled } = runnerAt(address);
  const killed = start(["run", "-d", "d", "--", "sh", "-c", "echo ready; exec sleep 100 >/dev/null 2>&1"]);
  await until(() => killed.lines().includes("ready"), "the command runs");
  await until(async () => (await events("d")).length === 1, "the service has the first event");

  killed.child.kill("SIGKILL");
  await killed.ended;
  const flushed = await run(["flush"]);
  const again = await run(["flush"]);

  expect(flushed).toEqual({ exitCode: 0, output: "d\t2\t0\n", errors: "" });
  expect(again).toMatchObject({ exitCode: 0, output: "" });
  expect(await events("d")).toMatchObject([
    { type: "deployment.started" },
    { type: "deployment.progress", severity: "SEVERITY_WARNING", message: expect.stringContaining("was killed") },
  ]);
  expect((await run(["deployments"])).output).toMatch(/^d\t2\tRUNNING/);
  expect(spooled()).toEqual([]);
});

test("sends the end of a run that was killed behind its command, and no doubt about it", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const { start, run, listed: events, spooled } = runnerAt(service.address);
  service.signal("SIGSTOP");
  const killed = start(["run", "-d", "d", "--", "true"]);
  await until(() => spooled().some((path) => linesOf(path).length === 3), "the end is in the spool");

  killed.child.kill("SIGKILL");
  await killed.ended;
  service.signal("SIGCONT");
  const flushed = await run(["flush"]);

  expect(flushed).toEqual({ exitCode: 0, output: "d\t2\t0\n", errors: "" });
  expect((await events("d")).map(({ type }) => type)).toEqual(["deployment.started", "deployment.finished"]);
});

test("leaves the file of a run that goes on to it", async () => {
  const port = await freePort();
  const { start, run, spooled } = runnerAt(`127.0.0.1:${port}`);
  const running = start(["run", "-d", "d", "--", "sh", "-c", "echo ready; read -r line"], { inputStaysOpen: true });
  await until(() => running.lines().includes("ready"), "the command runs");
  const before = spooled();
  await startService({ dataDir: temporaryFolder().path, port });

  const flushed = await run(["flush"]);

  expect(flushed).toMatchObject({ exitCode: 0, output: "" });
  expect(before).toHaveLength(1);
  running.child.stdin?.end("\n");
  expect(await running.ended).toMatchObject({ errors: "" });
  expect(spooled()).toEqual([]);
});

test("ends soon after its command when the service is stopped, and loses nothing", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const { run, listed: events } = runnerAt(service.address);
  service.signal("SIGSTOP");

  const ended = await run(["run", "-d", "d", "--", "echo", "deployed"]);
  service.signal("SIGCONT");
  const added = await run(["add", "d", "-m", "later"]);

  expect(ended).toMatchObject({
    exitCode: 0,
    output: "deployed\n",
    errors: expect.stringContaining("2 events are not sent yet"),
  });
  expect(added.exitCode).toBe(0);
  expect((await events("d")).map(({ type, message }) => [type, message])).toEqual([
    ["deployment.started", undefined],
    ["deployment.finished", "The command ended with exit code 0."],
    ["deployment.progress", "later"],
  ]);
});

test("goes on when the service is killed and comes back while the command runs", async () => {
  const dataDir = temporaryFolder().path;
  const port = await freePort();
  const first = await startService({ dataDir, port });
  const { start, listed: events, spooled } = runnerAt(`127.0.0.1:${port}`);
  const running = start(["run", "-d", "d", "--record-output", "--", "sh", "-c", "echo one; read -r line; echo two"], {
    inputStaysOpen: true,
  });
  await until(async () => (await events("d")).length === 2, "the first line is recorded");

  await first.kill();
  await startService({ dataDir, port });
  running.child.stdin?.end("\n");

  expect(await running.ended).toEqual({ exitCode: 0, output: "one\ntwo\n", errors: "" });
  expect((await events("d")).map(({ type, message }) => message ?? type)).toEqual([
    "deployment.started",
    "one",
    "two",
    "The command ended with exit code 0.",
  ]);
  expect(spooled()).toEqual([]);
});

test("sets an event aside that the service refuses for good, names it, and records the rest", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const { run, listed: events, spooled, stateFolder } = runnerAt(address);

  const ended = await run([
    "run",
    "-d",
    "d",
    "--record-output",
    "--commit-time",
    "2026-01-31T08:15:00Z",
    "--source",
    "no uri <>",
    "--",
    "echo",
    "x",
  ]);
  const strict = await run(["run", "--strict", "--source", "no uri <>", "--", "true"]);

  expect(ended).toMatchObject({ exitCode: 0, output: "x\n" });
  expect(ended.errors).toMatch(/event deployment\.started \S+ was refused: REQUEST_INVALID: .*source/);
  expect(strict.exitCode).toBe(5);
  expect(await events("d")).toMatchObject([{ message: "x" }]);
  expect(spooled()).toEqual([]);
  const [path = ""] = filesIn(join(stateFolder, "activity-events", "spool", "refused"));
  expect(ended.errors).toContain(path);
  expect(linesOf(path)).toMatchObject([
    { reason: expect.stringContaining("source"), event: { type: "deployment.started" } },
    { event: { type: "deployment.finished" } },
  ]);
});

test("leaves files alone that a later version wrote or the disk has damaged, and names them", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const runner = runnerAt(address);
  const newer = leaveLongAgo(runner, ['{"spoolVersion":2,"services":[]}', "{}"], 1);
  const damaged = leaveLongAgo(runner, ['{"spoolVersion":1,"serv', eventLine("d", 1)], 2);
  leaveLongAgo(runner, [headOf(address, "d"), eventLine("d", 1), "\0\0\0\0", eventLine("d", 2)], 3);

  const flushed = await runner.run(["flush"]);

  expect(flushed).toMatchObject({ exitCode: 1, output: "d\t3\t1\n" });
  expect(flushed.errors).toContain(`${newer} is left alone: a later version of activity_client wrote it (format 2).`);
  expect(flushed.errors).toContain(`${damaged} is left alone: invalid JSON`);
  expect(flushed.errors).toContain("a damaged line of d was refused");
  expect([...runner.spooled()].sort()).toEqual([newer, damaged]);
});

test("sends 10,000 events that wait with each sent once, by two at a time", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const runner = runnerAt(service.address);
  for (let file = 0; file < 4; file += 1) {
    const lines = Array.from({ length: 2_500 }, (_, index) => eventLine(`d-${file}`, index));
    leaveLongAgo(runner, [headOf(service.address, `d-${file}`), ...lines], file);
  }

  const flushed = await Promise.all([runner.run(["flush"]), runner.run(["flush"])]);

  expect(flushed.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  const rows = flushed.flatMap(({ output }) => output.split("\n").filter((row) => row !== ""));
  // The last one says that the end is not known.
  expect([...rows].sort()).toEqual([0, 1, 2, 3].map((file) => `d-${file}\t2501\t0`));
  const heads = (await runner.run(["deployments"])).output.split("\n").map((row) => row.split("\t")[1]);
  expect(heads).toEqual([...Array(4).fill("2501"), undefined]);
  expect(runner.spooled()).toEqual([]);
});

test("adds an event also where what a run left cannot be sent", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const runner = runnerAt(address);
  const path = leaveLongAgo(runner, [
    headOf(address, "d"),
    JSON.stringify({ deploymentId: "d", source: "no uri <>", message: "m" }),
  ]);
  // Nothing can be set aside.
  writeFileSync(join(dirname(path), "refused"), "");

  const added = await runner.run(["add", "d", "-m", "added"]);
  const flushed = await runner.run(["flush"]);

  expect(added).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/^d\t\d\t/),
    errors: expect.stringContaining("was not sent"),
  });
  expect(flushed).toMatchObject({ exitCode: 1, errors: expect.stringContaining("refused") });
  expect(runner.spooled()).toHaveLength(2);
});

test("ends with its command although a file of the spool never answers", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const runner = runnerAt(address);
  const path = leaveLongAgo(runner, []);
  rmSync(path);
  // A thread that opens it waits for a writer for ever.
  execFileSync("mkfifo", [path]);
  utimesSync(path, new Date(0), new Date(0));

  const ended = await runner.run(["run", "-d", "d", "--", "sh", "-c", "exit 3"]);

  expect(ended).toEqual({ exitCode: 3, output: "", errors: "" });
  expect(await runner.events("d")).toHaveLength(2);
});

test.each<[string, (path: string, good: string) => void, string]>([
  ["a pipe", (path) => execFileSync("mkfifo", [path]), "it is no file"],
  ["a link to what never ends", (path) => symlinkSync("/dev/zero", path), "it is a symbolic link"],
  ["a link to a file", (path, good) => symlinkSync(good, path), "it is a symbolic link"],
  ["a link to nothing", (path) => symlinkSync("/nowhere", path), "it is a symbolic link"],
  ["a folder", (path) => mkdirSync(path), "it is no file"],
])("leaves %s in the spool alone, names it, and sends the files beside it", async (_, make, problem) => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const runner = runnerAt(address);
  const elsewhere = join(temporaryFolder().path, "good");
  writeFileSync(elsewhere, `${headOf(address, "elsewhere")}\n${eventLine("elsewhere", 1)}\n`);
  const strange = leave(runner, [], 1);
  rmSync(strange);
  make(strange, elsewhere);
  leaveLongAgo(runner, [headOf(address, "d"), eventLine("d", 1)], 2);

  const added = await runner.run(["add", "other", "-m", "added"]);
  leaveLongAgo(runner, [headOf(address, "e"), eventLine("e", 1)], 3);
  const flushed = await runner.run(["flush"]);

  expect(added).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^other\t\d\t/), errors: "" });
  expect(await runner.events("d")).toHaveLength(2);
  expect(flushed).toEqual({
    exitCode: 1,
    output: "e\t2\t0\n",
    errors: `activity_client: ${strange} is left alone: ${problem}.\n`,
  });
  expect(lstatSync(strange).isFile()).toBe(false);
});

test.each<[string, (refused: string, id: string) => void]>([
  ["a file", (refused) => writeFileSync(refused, "")],
  [
    "a folder with a pipe",
    (refused, id) => {
      mkdirSync(refused);
      execFileSync("mkfifo", [join(refused, `${id}.ndjson`)]);
    },
  ],
])("sends the files beside one that cannot be sent where refused is %s, and names that one", async (_, make) => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const runner = runnerAt(address);
  const refused = { deploymentId: "d", source: "no uri <>", message: "m" };
  const path = leaveLongAgo(runner, [headOf(address, "d"), JSON.stringify(refused)], 1);
  leaveLongAgo(runner, [headOf(address, "e"), eventLine("e", 1)], 2);
  // Nothing can be set aside.
  make(join(dirname(path), "refused"), basename(path).split(".")[0] ?? "");

  const flushed = await runner.run(["flush"]);

  expect(flushed).toMatchObject({ exitCode: 1, output: "e\t2\t0\n" });
  expect(flushed.errors).toMatch(/^activity_client: \S+ is left alone: .*refused.*\n$/);
  expect(runner.spooled().filter((each) => each.endsWith(".ndjson"))).toHaveLength(1);
});

test("sends what waits for another service only when it is told to", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const runner = runnerAt("127.0.0.1:1");
  leaveLongAgo(runner, [headOf(address, "d"), eventLine("d", 1)]);

  const one = await runner.run(["flush"]);
  const all = await runner.run(["flush", "--all", "--json"]);

  expect(one).toMatchObject({
    exitCode: 0,
    output: "",
    errors: expect.stringContaining(`Events for ${address} wait, too`),
  });
  expect(all).toMatchObject({ exitCode: 0, output: '{"deploymentId":"d","sent":2,"refused":0}\n' });
});

test.each<[string, Record<string, string>]>([
  ["hangs", { XDG_STATE_HOME: "/proc/self/nowhere" }],
  ["is a file", { XDG_STATE_HOME: "/etc/passwd" }],
])("sends from memory where the folder of the spool %s, and says so", async (_, environment) => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const { run, listed: events } = runnerAt(address);

  const ended = await run(["run", "-d", "d", "--", "sh", "-c", "echo deployed; exit 3"], { environment });

  expect(ended).toMatchObject({ exitCode: 3, output: "deployed\n" });
  expect(ended.errors).toMatch(
    /^activity_client: warning: events could not be kept on the disk \(.*\); they were sent from memory\.\n$/,
  );
  expect(await events("d")).toHaveLength(2);
});

test("sends from memory for an account without a home, and names what is lost when the service is away", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const homeless = { environment: { HOME: "", XDG_STATE_HOME: "" } };
  const script = `${program} add -m migrated`;

  const there = await runnerAt(address).run(["run", "-d", "d", "--source", "no uri <>", "--", "true"], homeless);
  const away = await runnerAt("127.0.0.1:1").run(["run", "-d", "d", "--", "sh", "-c", script], homeless);

  expect(there.exitCode).toBe(0);
  expect(there.errors).toContain("warning: events could not be kept on the disk (XDG_STATE_HOME is not set");
  expect(there.errors).toMatch(/event deployment\.started \S+ was refused: .*source/);
  expect(there.errors).not.toContain("It is in");
  expect(away.exitCode).toBe(0);
  expect(away.errors).toContain("warning: not recorded: ");
  expect(away.errors).toContain("The event is lost, since it could not be kept: XDG_STATE_HOME is not set");
  expect(away.errors).toContain("2 events are lost: nothing listens at 127.0.0.1:1");
});

test("says why the service could not be looked up, and keeps the events for it", async () => {
  const runner = runnerAt("127.0.0.1:1");
  const service = ["--run-service", "events", "--region", "r", "--project", "p"];
  const environment = { HOME: temporaryFolder().path, PATH: "/usr/bin:/bin" };

  const ended = await runner.run([...service, "run", "-d", "d", "--", "true"], { environment });
  const flushed = await runner.run(["flush", "--all"], { environment });

  expect(ended.exitCode).toBe(0);
  expect(ended.errors).toMatch(/2 events are not sent yet: [A-Z_]+: /);
  expect(flushed.exitCode).toBe(5);
  expect(flushed.errors).toContain("events on Cloud Run (r, p): ");
  expect(runner.spooled()).toHaveLength(1);
});

test("add names what it could not send of earlier runs, and why", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const runner = runnerAt(address);
  const refused = JSON.stringify({ deploymentId: "d", eventId: "e-1", source: "no uri <>", message: "m" });
  leaveLongAgo(runner, [headOf(address, "d"), refused]);

  const added = await runner.run(["add", "other", "-m", "m"]);

  expect(added.exitCode).toBe(0);
  expect(added.errors).toContain("event e-1 of an earlier run (d) was refused: ");
});
