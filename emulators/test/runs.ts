import { readdirSync, readFileSync } from "node:fs";
import { markName } from "../src/marked-processes.ts";

/** The marks of the runs that the processes belong to, each once; a process without a mark, or that is gone, has none. */
export function runsOf(pids: readonly (number | undefined)[]): string[] {
  return [...new Set(pids.map(markOf).filter((mark) => mark !== undefined))];
}

/** The ids of the processes that a process has started itself. */
export function childrenOf(pid: number | undefined): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((child) => parentOf(child) === pid).map(Number);
}

function markOf(pid: number | undefined): string | undefined {
  try {
    const environment = `\0${readFileSync(`/proc/${pid}/environ`, "latin1")}`;
    return new RegExp(`\0${markName}=([^\0]+)`).exec(environment)?.[1];
  } catch {
    return undefined;
  }
}

function parentOf(pid: string): number | undefined {
  try {
    // The command, in parentheses, may hold anything.
    return Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1]);
  } catch {
    return undefined;
  }
}
