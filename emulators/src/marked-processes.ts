import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The environment variable that processes of one run carry, with the run's id as its value. */
export const markName = "ACTIVITY_EVENTS_RUN";

/**
 * The ids of the processes that were started, by whomever, with the mark in their environment: children keep it, also
 * those that go into a session of their own or lose their parent, as the emulators' Java processes do. Linux only.
 */
export function markedProcesses(mark: string): number[] {
  const wanted = `\0${markName}=${mark}\0`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(wanted))
    .map(Number);
}

/** Ends all marked processes at once, and those that they start meanwhile; done when none is left. */
export async function endMarkedProcesses(mark: string): Promise<void> {
  for (let left = markedProcesses(mark); left.length > 0; left = markedProcesses(mark)) {
    for (const pid of left) endProcess(pid);
    await sleep(5);
  }
}

/** Ends a process at once, as a crash does; one that is gone already is no fault. */
function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The environment that a process was started with, variables between zero bytes; empty when it may not be read. */
function environmentOf(pid: string): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, "latin1")}`;
  } catch {
    return "";
  }
}
