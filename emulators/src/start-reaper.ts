import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endMarkedProcesses, markName } from "./marked-processes.ts";

const script = join(import.meta.dirname, "reaper.ts");

/** Ends the processes of one run, also when this process is killed. */
export interface Reaper {
  /** A folder for this run's files, removed at the end. */
  readonly folder: string;
  /** What every process of this run must have in its environment to be found. */
  readonly mark: Readonly<Record<string, string>>;
  /** Names a process that was started here: where marks cannot be read, those alone are ended. */
  tell(pid: number): void;
  /** Ends all processes of this run at once and removes the folder. */
  close(): Promise<void>;
}

/** Starts the reaper of one run. */
export function startReaper(): Reaper {
  const run = randomUUID();
  const folder = mkdtempSync(join(tmpdir(), "activity-events-run-"));
  const child = spawn(process.execPath, [script, run, folder], {
    // In a session of its own, so that Ctrl-C on the terminal does not reach it.
    detached: true,
    stdio: ["pipe", "ignore", "inherit"],
    // Without the mark of this run and of others that this process is part of: none of them ends it.
    env: {},
  });
  const exited = once(child, "exit");
  // A reaper that is gone has ended everything, or was killed; whoever writes to it need not know.
  child.stdin.on("error", () => {});
  return {
    folder,
    mark: { [markName]: run },
    tell: (pid) => child.stdin.write(`${pid}\n`),
    close: async () => {
      child.stdin.end();
      const [code] = await exited;
      if (code === 0) return;
      // Somebody ended the reaper itself.
      if (process.platform === "linux") await endMarkedProcesses(run);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
