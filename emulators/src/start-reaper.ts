import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endMarkedProcesses, markName } from "./marked-processes.ts";

const script = join(import.meta.dirname, "reaper.ts");

/** Ends the processes of one run, even if this process is killed. */
export interface Reaper {
  /** Folder for the files of this run; removed at the end. */
  readonly folder: string;
  /** Variables that every process of this run needs in its environment to be found. */
  readonly mark: Readonly<Record<string, string>>;
  /** Registers a process. Where marks are not readable, only registered processes are ended. */
  tell(pid: number): void;
  /** Kills all processes of this run and removes the folder. */
  close(): Promise<void>;
}

/** Starts the reaper of one run. */
export function startReaper(): Reaper {
  const run = randomUUID();
  const folder = mkdtempSync(join(tmpdir(), "activity-events-run-"));
  const child = spawn(process.execPath, [script, run, folder], {
    // In its own session, so that the terminal's Ctrl-C does not reach it.
    detached: true,
    stdio: ["pipe", "ignore", "inherit"],
    // Without the mark of this run or an enclosing one, so that neither ends it.
    env: {},
  });
  const exited = once(child, "exit");
  // The reaper may be gone, because it has ended everything or was killed.
  child.stdin.on("error", () => {});
  return {
    folder,
    mark: { [markName]: run },
    tell: (pid) => child.stdin.write(`${pid}\n`),
    close: async () => {
      child.stdin.end();
      const [code] = await exited;
      if (code === 0) return;
      // Somebody killed the reaper itself.
      if (process.platform === "linux") await endMarkedProcesses(run);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
