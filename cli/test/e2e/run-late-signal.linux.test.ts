import { readFileSync } from "node:fs";
import { cleanUp } from "@activity-events/testing/running-service";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { startRunner } from "./recorded-run.ts";
import { endClients } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

/** Ids of the processes that a process started. Source: proc_pid_task(5). */
const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").map(Number);

const nameOf = (pid: number) => readFileSync(`/proc/${pid}/comm`, "latin1").trim();

/** A process is there until its parent knows that it ended. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function end(pid: number, signal: NodeJS.Signals): Promise<void> {
  process.kill(pid, signal);
  await until(() => !isThere(pid), `${pid} ends by ${signal}`);
}

test.each<[string, NodeJS.Signals, string, number]>([
  ["was ended by a signal to all", "SIGINT", "exec sleep 100", 130],
  ["was ended by another", "SIGTERM", "exec sleep 100", 143],
  ["says so by its exit code", "SIGTERM", "trap 'kill $!; exit 143' TERM; sleep 100 >/dev/null 2>&1 & wait", 143],
])("records as canceled a command that %s before run has handled it", async (_, signal, script, exitCode) => {
  const { start, events } = await startRunner();
  const client = start(["run", "-d", "d", "--", "bash", "--norc", "-c", `echo ready; ${script}`]);
  const { pid = 0 } = client.child;
  await until(() => client.lines().includes("ready"), "the command is ready");
  await until(() => childrenOf(pid).some((child) => nameOf(child) === "cat"), "the witness of the group is ready");
  const [witness = 0, command = 0] = childrenOf(pid).toSorted((one) => (nameOf(one) === "cat" ? -1 : 1));

  // A signal to the group, which `run` handles too late.
  await end(witness, signal);
  await end(command, signal);
  await client.ended;

  expect((await events("d")).at(-1)).toMatchObject({
    outcome: "OUTCOME_CANCELED",
    data: { signal, exit_code: exitCode },
  });
});
