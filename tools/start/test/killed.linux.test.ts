import { join } from "node:path";
import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import { childOf, isRunning } from "./processes.ts";
import { StartedAll } from "./started-all.ts";

/** Of the three programs, by which their processes are found. */
const folders = ["run-service", "metrics-service", "functions/webhooks"];

test("a killed service stops the page and the webhooks, and the exit code tells of it", async () => {
  await using all = new StartedAll();
  await all.listening();

  process.kill(childOf(all.launcher.pid, "run-service"), "SIGKILL");
  const { code } = await all.launcher.ended;

  expect(code).toBe(137);
  expect(all.launcher.errors).toBe("npm start: SIGKILL ended the service\n");
  expect(all.count("stopped")).toBe(2);
});

test.each([
  ["metrics-service", "page", "start:page"],
  ["functions/webhooks", "webhooks", "webhooks"],
])(
  "the service goes on without a killed %s, says how to start it again, and the exit code tells of it",
  async (...row) => {
    const [folder, name, script] = row;
    await using all = new StartedAll();
    const { address } = await all.listening();

    process.kill(childOf(all.launcher.pid, folder), "SIGKILL");
    await until(() => all.launcher.errors.endsWith("\n"), "the launcher tells of it");
    await all.record("without-it");
    all.launcher.kill("SIGTERM");
    const { code } = await all.launcher.ended;

    expect(code).toBe(1);
    expect(all.launcher.errors).toBe(
      `npm start: SIGKILL ended the ${name}; the service goes on. ` +
        `Start the ${name} again with: ACTIVITY_ADDRESS=${address} npm run ${script}\n`,
    );
    expect(all.count("stopped")).toBe(2);
  },
);

test.each([
  ["metrics-service", "page"],
  ["functions/webhooks", "webhooks"],
])("a %s that was stopped alone is told, and is no failure", async (folder, name) => {
  await using all = new StartedAll();
  await all.listening();

  process.kill(childOf(all.launcher.pid, folder), "SIGTERM");
  await until(() => all.launcher.errors.endsWith("\n"), "the launcher tells of it");
  await all.record("without-it");
  all.launcher.kill("SIGTERM");

  expect((await all.launcher.ended).code).toBe(0);
  expect(all.launcher.errors).toContain(`npm start: the ${name} ended with exit code 0; the service goes on`);
});

test.each([
  ["metrics-service", "page", 1],
  ["functions/webhooks", "webhooks", 1],
  ["run-service", "service", 137],
])("a frozen %s is killed when it does not stop", async (folder, name, exitCode) => {
  await using all = new StartedAll();
  await all.listening();
  const frozen = childOf(all.launcher.pid, folder);
  process.kill(frozen, "SIGSTOP");

  all.launcher.kill("SIGINT");
  const { code } = await all.launcher.ended;

  expect(code).toBe(exitCode);
  expect(all.launcher.errors).toBe(`npm start: the ${name} did not stop within 10 s: killed (SIGKILL)\n`);
  expect(isRunning(frozen)).toBe(false);
  expect(all.count("stopped")).toBe(2);
});

test("a further signal kills what is frozen soon", async () => {
  await using all = new StartedAll();
  await all.listening();
  for (const folder of folders) {
    process.kill(childOf(all.launcher.pid, folder), "SIGSTOP");
  }

  // Signals that come soon after the first count as the first.
  const repeat = setInterval(() => all.launcher.kill("SIGINT"), 300);
  const { code } = await all.launcher.ended;
  clearInterval(repeat);

  // Of those that fail, any may be the first.
  expect([1, 137]).toContain(code);
  expect(all.launcher.errors.split("\n").toSorted()).toEqual([
    "",
    "npm start: the page did not stop within 1 s: killed (SIGKILL)",
    "npm start: the service did not stop within 1 s: killed (SIGKILL)",
    "npm start: the webhooks did not stop within 1 s: killed (SIGKILL)",
  ]);
});

test.each(["SIGKILL", "SIGABRT"] as const)("all end when the launcher is gone by %s", async (signal) => {
  await using all = new StartedAll();
  await all.listening();
  const parts = folders.map((folder) => childOf(all.launcher.pid, folder));
  const areRunning = parts.map(isRunning);

  all.launcher.kill(signal);
  await until(() => !parts.some(isRunning), "all end");

  // Their output is the launcher's, and closes after the last of them.
  await all.launcher.ended;
  expect(areRunning).toEqual([true, true, true]);
  expect(all.ends().toSorted()).toEqual([
    ...folders.map(() => "draining: the parent process is gone"),
    ...folders.map(() => "stopped"),
  ]);
});

test("a launcher that is killed during the start leaves nothing running", async () => {
  await using all = new StartedAll();
  await until(() => childOf(all.launcher.pid, "run-service") > 0, "the service starts");
  const service = childOf(all.launcher.pid, "run-service");

  all.launcher.kill("SIGKILL");

  await until(() => !isRunning(service), "the service ends");
  expect((await all.launcher.ended).signal).toBe("SIGKILL");
});

const root = join(import.meta.dirname, "..", "..", "..");

test.each([
  ["npm", ["npm", "--prefix", root, "start"]],
  ["what npm runs", [process.execPath, join(root, "tools", "run.mjs"), "running", join(root, "tools/start/main.ts")]],
])("the launcher stops all in order when %s is killed", async (_, command) => {
  await using all = new StartedAll({ command, environment: { PATH: process.env.PATH ?? "" } });
  await all.listening();

  all.launcher.kill("SIGKILL");

  // The output closes after the last process that writes to it.
  expect((await all.launcher.ended).signal).toBe("SIGKILL");
  const ends = all.ends();
  expect(ends.slice(0, 4).toSorted()).toEqual(["draining: SIGTERM", "draining: SIGTERM", "stopped", "stopped"]);
  expect(ends.slice(4)).toEqual(["draining: SIGTERM", "stopped"]);
});
