import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process that owns a file. */
export interface ProcessOwner {
  /** Machine and set of process ids: the same text means that the id can be looked up here. */
  readonly place: string;
  readonly pid: number;
  /** Start of the process, since a process id is used again; empty where the system does not tell. */
  readonly start: string;
}

/** Time after which a file that its owner has not touched counts as left, in ms, where the owner cannot be looked up. */
export const leftAfterMs = 10 * 60_000;
/** Interval of those touches, in ms: several may fail. */
export const touchIntervalMs = 60_000;

/** Returns this process as an owner. */
export function thisOwner(): ProcessOwner {
  return { place: placeOf(), pid: process.pid, start: startOf(process.pid) ?? "" };
}

/** Formats an owner as a part of a file's name. */
export function ownerText({ place, pid, start }: ProcessOwner): string {
  return `${place}-${pid}-${start}`;
}

/** Parses that part; undefined if it is none. */
export function parseOwner(text: string): ProcessOwner | undefined {
  const [, place, pid, start] = /^([0-9a-f]{12})-(\d+)-(\d*)$/.exec(text) ?? [];
  return place === undefined || start === undefined ? undefined : { place, pid: Number(pid), start };
}

/** Tells whether the owner still runs. `touchedMs`: time of the file's last change, on this machine's clock. */
export function isRunning(owner: ProcessOwner, touchedMs: number, nowMs: number): boolean {
  const isFresh = nowMs - touchedMs < leftAfterMs;
  // Another machine, another container, or this machine before it started anew.
  if (owner.place !== placeOf()) return isFresh;
  if (owner.start !== "") return startOf(owner.pid) === owner.start;
  return isFresh && hasProcess(owner.pid);
}

let place: string | undefined;

/** Machine, its start and its set of process ids, hashed. */
function placeOf(): string {
  place ??= createHash("sha256")
    .update([hostname(), textOf("/proc/sys/kernel/random/boot_id"), namespaceOfPids()].join("\n"))
    .digest("hex")
    .slice(0, 12);
  return place;
}

/** Start of a process in ticks since that of the machine; undefined if there is none. Source: proc_pid_stat(5), field 22. */
function startOf(pid: number): string | undefined {
  const fields = textOf(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, "")
    .split(" ");
  // A zombie has ended.
  return fields[0] === "Z" ? undefined : fields[19];
}

function namespaceOfPids(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another account.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
