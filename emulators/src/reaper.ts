// A process of its own that ends what a launcher started, however the launcher ends. It reads a pipe whose other end the
// launcher alone holds: when the launcher closes it, or dies of whatever cause, the system says so here.
// Arguments: the run's mark, and a folder to remove at the end.
import { rmSync } from "node:fs";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { endMarkedProcesses } from "./marked-processes.ts";

const [mark = "", folder = ""] = process.argv.slice(2);
// It outlives the signals that end the launcher.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

// Each line is the id of a process that the launcher started itself.
let told = "";
process.stdin.setEncoding("utf8").on("data", (text: string) => {
  told += text;
});
await finished(process.stdin).catch(() => {});
if (process.platform === "linux") await endMarkedProcesses(mark);
else await endProcesses(told.split("\n").filter(Boolean).map(Number));
rmSync(folder, { recursive: true, force: true });

/** Where no mark can be read, each process is asked to end, so that it ends its own children; then it is made to. */
async function endProcesses(pids: readonly number[]): Promise<void> {
  for (const pid of pids) signalProcess(pid, "SIGTERM");
  const endMs = performance.now() + 3_000;
  while (performance.now() < endMs && pids.some((pid) => signalProcess(pid, 0))) await sleep(20);
  for (const pid of pids) signalProcess(pid, "SIGKILL");
}

/** Whether the process was there to take the signal. */
function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
