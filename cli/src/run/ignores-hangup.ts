import { readFileSync } from "node:fs";
import { basename } from "node:path";

/**
 * Tells whether this process was started to outlive its terminal, as by nohup. Node itself forgets that at its start, so this looks at
 * what else nohup leaves: its name in `_`, where bash keeps the command, standard input that cannot be read, and the same in the parent.
 * Only Linux tells all of it.
 */
export function ignoresHangup({ _: command = "" }: NodeJS.ProcessEnv): boolean {
  if (basename(command) === "nohup") return true;
  // Opened write-only. Source: nohup(1) of coreutils, proc_pid_fdinfo(5).
  const flags = /^flags:\s*([0-7]+)$/m.exec(textOf("/proc/self/fdinfo/0"))?.[1];
  if (flags !== undefined && (Number.parseInt(flags, 8) & 3) === 1) return true;
  const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(textOf(`/proc/${process.ppid}/status`))?.[1] ?? "0";
  // SIGHUP is the lowest bit.
  return (Number.parseInt(ignored.slice(-1), 16) & 1) === 1;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
