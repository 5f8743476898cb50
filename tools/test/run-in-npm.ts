import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";

const launcher = join(import.meta.dirname, "..", "run.mjs");
const program = join(import.meta.dirname, "count-signals.mjs");
const started = new Set<ChildProcess>();

/**
 * Starts count-signals.mjs as the script `count` of a package.json, by a command in its folder. Calls `onLine` for each
 * printed line; returns all lines and the exit code.
 */
export async function runInNpm(
  command: readonly [string, ...string[]],
  onLine: (line: string, child: ChildProcess) => void,
): Promise<{ readonly lines: readonly string[]; readonly exitCode: number | null }> {
  const folder = temporaryFolder().path;
  const scripts = { count: `exec node "${launcher}" "${program}"` };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts }));
  const [file, ...args] = command;
  // In its own session the process has no terminal unless it opens one.
  const child = spawn(file, args, { cwd: folder, detached: true, stdio: ["pipe", "pipe", "inherit"] });
  started.add(child);
  const lines: string[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    const parts = `${rest}${text}`.split(/\r?\n/);
    rest = parts.pop() ?? "";
    for (const line of parts) {
      lines.push(line);
      onLine(line, child);
    }
  });
  const [exitCode] = await once(child, "close");
  return { lines, exitCode };
}

/** Ends running processes with their children, and removes the folders. */
export function endAll(): void {
  for (const child of started) {
    try {
      process.kill(-(child.pid ?? Number.NaN), "SIGKILL");
    } catch {
      // It has already exited.
    }
  }
  started.clear();
  removeTemporaryFolders();
}
