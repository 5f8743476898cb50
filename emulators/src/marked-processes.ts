import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Environment variable of all processes of a run; its value is the run's id. */
export const markName = "ACTIVITY_EVENTS_RUN";

/**
 * Finds the ids of processes with the mark in their environment. Children inherit it, also in another session or without
 * their parent, like the emulators' Java processes. Linux only.
 */
export function markedProcesses(mark: string): number[] {
  const wanted = `\0${markName}=${mark}\0`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(wanted))
    .map(Number);
}

/** Kills all marked processes, including those they start meanwhile, until none is left. */
export async function endMarkedProcesses(mark: string): Promise<void> {
  for (let left = markedProcesses(mark); left.length > 0; left = markedProcesses(mark)) {
    for (const pid of left) endProcess(pid);
    await sleep(5);
  }
}

/** Kills a process; ignores one that is already gone. */
function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Reads the initial environment of a process, separated by zero bytes; empty if it is not readable. */
function environmentOf(pid: string): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, "latin1")}`;
  } catch {
    return "";
  }
}
