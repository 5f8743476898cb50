import { readFileSync } from "node:fs";

/** Tells whether the process group of this process has the terminal. Source: proc_pid_stat(5), fields 5, 7 and 8. */
export function isInForeground(): boolean {
  try {
    const fields = readFileSync("/proc/self/stat", "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[4] !== "0" && fields[2] === fields[5];
  } catch {
    // Only Linux has this file.
    return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  }
}
