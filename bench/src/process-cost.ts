import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks per second of CPU times in /proc; a constant of Linux' interface. */
const ticksPerSecond = 100;

interface Stat {
  readonly parent: number;
  readonly ticks: number;
}

/** Reads the CPU time of a process and all its children, ended ones included, in µs. Source: /proc/PID/stat. */
export function cpuUs(pid: number): number {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    if (stat !== undefined) stats.set(Number(name), stat);
  }
  const ticksOf = (one: number): number => {
    const children = [...stats].filter(([, { parent }]) => parent === one);
    return (stats.get(one)?.ticks ?? 0) + children.reduce((sum, [child]) => sum + ticksOf(child), 0);
  };
  return (ticksOf(pid) * 1_000_000) / ticksPerSecond;
}

/** Reads the resident memory of a process, in bytes. Source: VmRSS of /proc/PID/status, which is in KiB. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1_024;
}

function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may contain blanks.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    // User and system time, of the process and of children that it has waited for.
    const ticks = [11, 12, 13, 14].reduce((sum, place) => sum + Number(fields[place]), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    // The process has exited meanwhile.
    return undefined;
  }
}
