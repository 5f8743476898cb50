import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import { markedProcesses, markName } from "../src/marked-processes.ts";
import { type Reaper, startReaper } from "../src/start-reaper.ts";
import { childrenOf } from "./runs.ts";

// Marks are read where Linux shows them.
const onLinux = process.platform === "linux" ? test : test.skip;

/** Starts a process that has left its parent's session and lost its parent, as the emulators' have. */
async function startOrphan({ mark }: Reaper): Promise<string> {
  const script = "sleep 600 & exec true";
  spawn("sh", ["-c", script], { detached: true, stdio: "ignore", env: { PATH: process.env.PATH, ...mark } });
  const run = mark[markName] ?? "";
  await until(() => markedProcesses(run).length === 1, "the orphan is alone");
  return run;
}

onLinux("ends what carries the mark of its run, whoever started it, and nothing else", async () => {
  const reaper = startReaper();
  const other = startReaper();
  const run = await startOrphan(reaper);
  const otherRun = await startOrphan(other);

  await reaper.close();
  const left = [markedProcesses(run), markedProcesses(otherRun)];
  await other.close();

  expect(left).toEqual([[], [expect.any(Number)]]);
  expect(markedProcesses(otherRun)).toEqual([]);
  expect(existsSync(reaper.folder)).toBe(false);
});

onLinux("leaves nothing even when the reaper itself was killed", async () => {
  const before = childrenOf(process.pid);
  const reaper = startReaper();
  const [reaperPid = 0] = childrenOf(process.pid).filter((pid) => !before.includes(pid));
  const run = await startOrphan(reaper);

  process.kill(reaperPid, "SIGKILL");
  await reaper.close();

  expect(markedProcesses(run)).toEqual([]);
  expect(existsSync(reaper.folder)).toBe(false);
});
