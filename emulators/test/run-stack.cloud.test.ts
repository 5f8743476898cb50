import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import { markedProcesses } from "../src/marked-processes.ts";
import { randomProjectId } from "../src/random-project-id.ts";
import { addEvent } from "./add-event.ts";
import { childrenOf, runsOf } from "./runs.ts";

// Before jest ends the test, which would not say what was waited for.

/** `npm run stack` as npm starts it, on free ports. */
function launch(settings: NodeJS.ProcessEnv) {
  const script = join(import.meta.dirname, "..", "src", "main.ts");
  const child = spawn(process.execPath, [script], {
    env: {
      ...settings,
      PORT: "0",
      PAGE_PORT: "0",
      WEBHOOKS_PORT: "0",
      FIRESTORE_PORT: "0",
      PUBSUB_PORT: "0",
      GOOGLE_CLOUD_PROJECT: randomProjectId(),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => lines.push(line));
  }
  const says = (text: string) => lines.some((line) => line.includes(text));
  return {
    child,
    lines,
    says,
    ended: once(child, "close").then(([code]) => code as number | null),
    untilItSays: (text: string) => until(() => says(text), `it says ${text} (it said ${lines.join("\n")})`),
  };
}

async function launchReady(settings: NodeJS.ProcessEnv) {
  const stack = launch(settings);
  await stack.untilItSays("Ctrl-C stops everything");
  const runs = runsOf(childrenOf(stack.child.pid));
  expect(processesOf(runs)).not.toEqual([]);
  return { ...stack, runs };
}

const processesOf = (runs: readonly string[]) => runs.flatMap(markedProcesses);

test("a recorded event arrives at the subscriber, one of a webhook by way of the inbox, and Ctrl-C takes all of it down", async () => {
  const { FIRESTORE_EMULATOR_HOST: _firestore, PUBSUB_EMULATOR_HOST: _pubsub, ...environment } = process.env;
  const stack = await launchReady(environment);
  const [, address = ""] = /The service listens on ([0-9.:]+)[.] /.exec(stack.lines.join("\n")) ?? [];
  await addEvent(address, { deploymentId: "release-42", eventId: "half-way" });
  await stack.untilItSays("message of half-way");
  // Said when the position has moved, which is after the event has arrived.
  await stack.untilItSays("mirror run");
  const [, line = ""] = /^stack +[|] +(curl .*)$/m.exec(stack.lines.join("\n")) ?? [];
  await promisify(execFile)("sh", ["-c", `${line} --fail --silent`]);
  await stack.untilItSays("subscriber | release-43");
  const [, page = ""] = /The page shows it live: (\S+)/.exec(stack.lines.join("\n")) ?? [];
  const shown = await (await fetch(`${page}/api/deployments`)).json();

  // From the terminal and, once more, from npm.
  stack.child.kill("SIGINT");
  stack.child.kill("SIGINT");
  const code = await stack.ended;

  expect(code).toBe(0);
  expect(shown).toMatchObject({ deployments: [{ deploymentId: "release-43" }, { deploymentId: "release-42" }] });
  // One run is the emulators', the other that of the parts.
  expect(stack.runs).toHaveLength(2);
  expect(processesOf(stack.runs)).toEqual([]);
  expect(stack.lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^emulators {2}\| Firestore from .*, Pub\/Sub from .*, Java \d+ in /),
      expect.stringMatching(/^service {4}\| listening address=/),
      expect.stringMatching(/^page {7}\| listening url=/),
      expect.stringMatching(/^webhooks {3}\| webhook .*path=\/cloudevents status=202/),
      expect.stringMatching(/^webhooks {3}\| webhook .*path=\/inbox status=201/),
      expect.stringMatching(/^mirror {5}\| mirror run .*published=1/),
      expect.stringMatching(/^subscriber \| release-42\t1\t.*\tmessage of half-way$/),
      "stack      | SIGINT: stopping",
    ]),
  );
});

test("when a part dies, it says which, and takes the rest down", async () => {
  const stack = await launchReady(process.env);
  const service = childrenOf(stack.child.pid).find((pid) => commandOf(pid).includes("run-service"));

  process.kill(service ?? 0, "SIGKILL");
  const code = await stack.ended;

  expect(code).toBe(1);
  expect(stack.says("stack      | service exited unexpectedly (SIGKILL); stopping the rest")).toBe(true);
  expect(processesOf(stack.runs)).toEqual([]);
});

test("leaves no process when it is killed", async () => {
  const stack = await launchReady(process.env);

  stack.child.kill("SIGKILL");

  await until(() => processesOf(stack.runs).length === 0, "no process is left");
});

test("Ctrl-C while it starts ends it, and what it has started by then", async () => {
  const stack = launch(process.env);
  await until(() => runsOf(childrenOf(stack.child.pid)).length > 0, "the first part starts");
  const runs = runsOf(childrenOf(stack.child.pid));

  stack.child.kill("SIGINT");
  const code = await stack.ended;

  expect(code).toBe(0);
  await until(() => processesOf(runs).length === 0, "no process is left");
});

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8");
}
