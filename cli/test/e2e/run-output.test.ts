import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanUp } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { startRunner } from "./recorded-run.ts";
import { endClients } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

const recording = ["run", "-d", "d", "--record-output", "--"];
const inBash =
  (script: string, ...before: readonly string[]) =>
  (command: readonly string[]) => ["bash", "--norc", "-c", script, "bash", ...before, ...command];

test("records the lines of both outputs and passes them on as they are", async () => {
  const { run, listed: events } = await startRunner();
  const script = String.raw`printf '\033[32mgreen\033[0m\r\n'; printf '\r1 %%\r2 %%\n'; echo warned >/dev/stderr; printf 'no end'; exit 3`;

  const ended = await run([...recording, "sh", "-c", script]);

  expect(ended).toEqual({ exitCode: 3, output: "\x1b[32mgreen\x1b[0m\r\n\r1 %\r2 %\nno end", errors: "warned\n" });
  const recorded = (await events("d")).map(({ severity, message }) => `${severity.slice(9)} ${message}`);
  expect(recorded[0]).toBe("INFO undefined");
  expect(recorded.slice(1, -1).sort()).toEqual(["INFO 2 %", "INFO green", "INFO no end", "WARNING warned"]);
  expect(recorded.at(-1)).toBe("ERROR The command ended with exit code 3.");
});

test("passes any bytes on, and says how many lines it left out", async () => {
  const { run, listed: events } = await startRunner();
  const folder = temporaryFolder().path;
  const [input, output] = [join(folder, "input"), join(folder, "output")];
  writeFileSync(input, randomBytes(5_000_000));

  const ended = await run([...recording, "cat", input], { launcher: inBash('file=$1; shift; "$@" >"$file"', output) });
  const many = await run(["run", "-d", "m", "--record-output", "--", "seq", "5000"]);

  expect(ended.exitCode).toBe(0);
  expect(readFileSync(output).equals(readFileSync(input))).toBe(true);
  expect(many.output.split("\n")).toHaveLength(5_001);
  const recorded = await events("m");
  const leftOut = recorded.reduce((sum, { data }) => sum + Number(data?.left_out_lines ?? 0), 0);
  const lines = recorded.filter(({ message }) => /^\d+$/.test(message ?? ""));
  expect(leftOut + lines.length).toBe(5_000);
  expect(lines.length).toBeGreaterThanOrEqual(500);
});

test("tells the command that its reader has left, as without", async () => {
  const { run } = await startRunner();

  const ended = await run([...recording, "yes"], { launcher: inBash('"$@" | head -1; echo "$PIPESTATUS"') });

  expect(ended).toEqual({ exitCode: 0, output: "y\n141\n", errors: "" });
});

test("does not wait for what the command left in the background", async () => {
  const { run, listed: events } = await startRunner();

  const ended = await run([...recording, "sh", "-c", "sleep 1000 & echo $!"]);

  process.kill(Number(ended.output));
  expect(ended).toMatchObject({ exitCode: 0, errors: "" });
  expect(await events("d")).toHaveLength(3);
});

test("reads no faster than what it writes is read", async () => {
  const { run } = await startRunner();
  const script = '"$@" | (sleep 1; cat | wc -c)';

  const ended = await run([...recording, "sh", "-c", "yes | head -c 3000000"], { launcher: inBash(script) });

  expect(ended).toEqual({ exitCode: 0, output: "3000000\n", errors: "" });
});
