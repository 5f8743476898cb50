// Ends the processes of a launcher after the launcher ends, for whatever reason. Runs as a separate process and reads a pipe
// whose other end only the launcher holds: it closes when the launcher ends.
// Arguments: the run's mark, and a folder to remove at the end.
import { rmSync } from "node:fs";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { endMarkedProcesses } from "./marked-processes.ts";

const [mark = "", folder = ""] = process.argv.slice(2);
// Survive the signals that end the launcher.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

// Each line is the id of a process that the launcher started.
let told = "";
process.stdin.setEncoding("utf8").on("data", (text: string) => {
  told += text;
});
await finished(process.stdin).catch(() => {});
if (process.platform === "linux") await endMarkedProcesses(mark);
else await endProcesses(told.split("\n").filter(Boolean).map(Number));
rmSync(folder, { recursive: true, force: true });

/** Ends processes on systems where marks are not readable: asks each to end, so that it ends its children, then kills it. */
async function endProcesses(pids: readonly number[]): Promise<void> {
  for (const pid of pids) signalProcess(pid, "SIGTERM");
  const endMs = performance.now() + 3_000;
  while (performance.now() < endMs && pids.some((pid) => signalProcess(pid, 0))) await sleep(20);
  for (const pid of pids) signalProcess(pid, "SIGKILL");
}

/** Sends a signal; tells whether the process exists. */
function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
