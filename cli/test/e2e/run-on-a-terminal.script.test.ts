import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanUp } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { onTerminal } from "@activity-events/testing/terminal";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { type Runner, startRunner } from "./recorded-run.ts";
import { endClients, type RunningClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

/** Starts a bash script under `run`, and another behind it, on a terminal of their own. */
function onOwnTerminal({ start }: Runner, script: string, after = "exit $?"): RunningClient {
  const folder = temporaryFolder().path;
  writeFileSync(join(folder, "script"), script);
  const launcher = (command: readonly string[]) => {
    writeFileSync(join(folder, "outer"), `${command.map((word) => `'${word}'`).join(" ")}\n${after}\n`);
    return onTerminal(`bash --norc ${join(folder, "outer")}`);
  };
  return start(["run", "-d", "d", "--", "bash", "--norc", join(folder, "script")], { launcher, inputStaysOpen: true });
}

const shows = (client: RunningClient, text: string) =>
  until(() => client.lines().some((line) => line.includes(text)), `the terminal shows ${text}`);

test("gives the command the terminal, for prompts and all", async () => {
  const client = onOwnTerminal(
    await startRunner(),
    'test -t 0 -a -t 1 -a -t 2 && echo tty; read -r name; echo "hello $name"',
  );
  await shows(client, "tty");

  client.child.stdin?.end("ada\n");

  const { exitCode, output } = await client.ended;
  expect([exitCode, output]).toEqual([0, expect.stringContaining("hello ada\r\n")]);
});

test("leaves Ctrl-C to the command, once", async () => {
  const all = await startRunner();
  const script = "trap 'echo INT' INT; echo ready; for n in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; done; echo end; exit 7";
  const client = onOwnTerminal(all, script);
  await shows(client, "ready");

  client.child.stdin?.write("\x03");

  const { exitCode, output } = await client.ended;
  expect(exitCode).toBe(7);
  expect(output.match(/^(?:\^C)?INT\r$/gm)).toHaveLength(1);
  expect((await all.events("d")).at(-1)).toMatchObject({ outcome: "OUTCOME_FAILURE", data: { exit_code: 7 } });
});

test("ends by Ctrl-C with its command, and so does the script around it", async () => {
  const all = await startRunner();
  const client = onOwnTerminal(all, "echo ready; sleep 1000; echo not reached", "echo next step");
  await shows(client, "ready");

  client.child.stdin?.write("\x03");

  const { output } = await client.ended;
  expect(output).not.toMatch(/not reached|next step/);
  expect((await all.events("d")).at(-1)).toMatchObject({ outcome: "OUTCOME_CANCELED", data: { signal: "SIGINT" } });
});
