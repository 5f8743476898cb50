import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { cleanUp } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { type Runner, startRunner } from "./recorded-run.ts";
import { endClients, type RunningClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

const signals = ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2"] as const;

/** Says each signal that it gets, until it has one of them and somebody lets it go. */
const counting = `${signals.map((name) => `trap 'echo ${name}' ${name}`).join("; ")}
echo ready; while [ ! -e "$0" ]; do sleep 0.05; done; exit 7`;

/** Starts a command that says its signals, in a process group of its own. */
async function startCounting({ start }: Runner): Promise<{ client: RunningClient; letGo: () => void; group: number }> {
  const gate = join(temporaryFolder().path, "gate");
  const launcher = (command: readonly string[]) => ["setsid", ...command];
  const client = start(["run", "-d", "d", "--", "bash", "--norc", "-c", counting, gate], { launcher });
  await until(() => client.lines().includes("ready"), "the command is ready");
  return {
    client,
    // setsid becomes the program itself, since it leads no group.
    group: client.child.pid ?? 0,
    letGo: () => writeFileSync(gate, ""),
  };
}

test.each(signals)("passes SIG%s on that it alone gets, once", async (name) => {
  const all = await startRunner();
  const { client, letGo } = await startCounting(all);

  client.child.kill(`SIG${name}`);
  await until(() => client.lines().includes(name), "the command has it");
  letGo();

  expect(await client.ended).toMatchObject({ exitCode: 7, output: `ready\n${name}\n` });
});

test.each(["INT", "TERM", "HUP"] as const)("leaves SIG%s alone that the whole group gets", async (name) => {
  const all = await startRunner();
  const { client, letGo, group } = await startCounting(all);

  process.kill(-group, `SIG${name}`);
  await until(() => client.lines().includes(name), "the command has it");
  // A second one that this process alone gets shows that the first is over.
  await new Promise((resolve) => setTimeout(resolve, 600));
  client.child.kill("SIGUSR1");
  await until(() => client.lines().includes("USR1"), "the command has that too");
  letGo();

  expect((await client.ended).output).toBe(`ready\n${name}\nUSR1\n`);
});

test.each<[string, NodeJS.Signals, string, number | null, string]>([
  ["was ended by a signal that run got", "SIGTERM", "sleep 100", 143, "OUTCOME_CANCELED"],
  [
    "says by its exit code that it was",
    "SIGTERM",
    "trap 'kill $!; exit 143' TERM; sleep 100 >/dev/null 2>&1 & wait",
    143,
    "OUTCOME_CANCELED",
  ],
  [
    "fails after a signal that run got",
    "SIGTERM",
    "trap 'kill $!; exit 1' TERM; sleep 100 >/dev/null 2>&1 & wait",
    1,
    "OUTCOME_FAILURE",
  ],
  [
    "succeeds all the same",
    "SIGTERM",
    "trap 'kill $!; exit 0' TERM; sleep 100 >/dev/null 2>&1 & wait",
    0,
    "OUTCOME_SUCCESS",
  ],
  ["was ended by Ctrl-C's signal, by which run ends, too", "SIGINT", "exec sleep 100", null, "OUTCOME_CANCELED"],
])("records the outcome of a command that %s", async (_, signal, script, exitCode, outcome) => {
  const { start, events } = await startRunner();
  const client = start(["run", "-d", "d", "--", "bash", "--norc", "-c", `echo ready; ${script}`]);
  await until(() => client.lines().includes("ready"), "the command is ready");

  client.child.kill(signal);

  expect(await client.ended).toMatchObject({ exitCode, errors: "" });
  const code = exitCode ?? 130;
  const told = outcome === "OUTCOME_CANCELED" ? { exit_code: code, signal } : { exit_code: code };
  expect((await events("d")).at(-1)).toMatchObject({ type: "deployment.finished", outcome, data: told });
});

test.each(["SIGKILL", "SIGTERM"] as const)(
  "records as a failure that the command was ended by a %s that run did not get",
  async (signal) => {
    const { run, events } = await startRunner();

    const ended = await run(["run", "-d", "d", "--", "sh", "-c", `kill -${signal.slice(3)} $$`]);

    const exitCode = 128 + constants.signals[signal];
    expect(ended.exitCode).toBe(exitCode);
    expect((await events("d")).at(-1)).toMatchObject({
      outcome: "OUTCOME_FAILURE",
      message: `The command was ended by ${signal}.`,
      data: { exit_code: exitCode, signal },
    });
  },
);

test("lets a command that nohup protects outlive its terminal", async () => {
  const { start, events } = await startRunner();
  const launcher = (command: readonly string[]) => [
    "bash",
    "--norc",
    "-c",
    // Bash tells nohup's name to what it starts.
    'nohup "$@"; true',
    "bash",
    ...command,
  ];
  const client = start(["run", "-d", "d", "--", "sh", "-c", "echo ready; kill -HUP $$; echo survived"], { launcher });

  expect((await client.ended).output).toBe("ready\nsurvived\n");
  expect((await events("d")).at(-1)).toMatchObject({ outcome: "OUTCOME_SUCCESS" });
});
