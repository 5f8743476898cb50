import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

/** Options of a process; `user` starts it as another user. */
export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Opens a message channel, as `fork` does. */
  readonly withMessages?: boolean;
}

/** A process started by the bench. */
export interface StartedProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when the process exits in any way. */
  readonly exited: Promise<void>;
  readonly hasExited: boolean;
  /** Returns the output so far, for error messages. */
  said(): string;
  /** Sends SIGTERM, and SIGKILL after 10 s. */
  stop(): Promise<void>;
  /** Kills the process. */
  kill(): Promise<void>;
}

// Ends a process if its parent is killed.
const pdeathsig = ["--pdeathsig", "KILL"];
const setpriv = spawnSync("setpriv", [...pdeathsig, "true"]).status === 0;

interface ScratchOptions {
  /** Parent of the folder. */
  readonly parent: string;
  /** Program of the service; see bundleService. */
  readonly service: string;
  /** Folder for files that are kept between runs because they take long to make. */
  readonly keepIn: string;
  /** Receives progress lines. */
  readonly report: (line: string) => void;
}

/** Folder and processes of one group; nothing is left after it is closed or this process ends. */
export class Scratch {
  readonly #root: string;
  readonly #children = new Set<ChildProcess>();
  readonly #closeNow = () => this.#endAll();
  #named = 0;
  readonly service: string;
  readonly keepIn: string;
  readonly report: (line: string) => void;

  constructor({ parent, service, keepIn, report }: ScratchOptions) {
    this.service = service;
    this.keepIn = keepIn;
    this.report = report;
    this.#root = mkdtempSync(join(parent, "group-"));
    // A server under another user must reach its folder.
    chmodSync(this.#root, 0o711);
    // Before the handler that removes the enclosing folder.
    process.prependListener("exit", this.#closeNow);
  }

  /** Makes a new, empty folder, which may be given to a process of another user. */
  async folder(name: string): Promise<string> {
    const folder = this.#path(name);
    await mkdir(folder);
    return folder;
  }

  /** Returns the path of a new file. */
  file(name: string): string {
    return this.#path(name);
  }

  start({ command, args, environment = process.env, user, withMessages = false }: ProcessOptions): StartedProcess {
    const outputFile = this.#path("output");
    const output = openSync(outputFile, "w");
    const options: SpawnOptions = {
      env: environment,
      // The cost of writing logs to a disk is not measured.
      stdio: withMessages ? ["ignore", "ignore", output, "ipc"] : ["ignore", "ignore", output],
    };
    const asUser = user && [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
    const child = setpriv
      ? spawn("setpriv", [...(asUser ?? []), ...pdeathsig, command, ...args], options)
      : spawn(command, args, { ...options, ...user });
    closeSync(output);
    this.#children.add(child);
    const exited = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    }).then(() => {
      this.#children.delete(child);
    });
    const hasExited = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    return {
      pid: child.pid ?? 0,
      child,
      exited,
      get hasExited() {
        return hasExited();
      },
      said: () => readFileSync(outputFile, "utf8").trim(),
      stop: async () => {
        if (hasExited()) return;
        child.kill("SIGTERM");
        const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
        await exited;
        clearTimeout(late);
      },
      kill: async () => {
        child.kill("SIGKILL");
        await exited;
      },
    };
  }

  /** Ends running processes and removes the folder. */
  async close(): Promise<void> {
    const ending = [...this.#children].map((child) => once(child, "exit"));
    this.#endAll();
    await Promise.all(ending);
    process.off("exit", this.#closeNow);
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }

  #endAll(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }

  #path(name: string): string {
    this.#named += 1;
    return join(this.#root, `${this.#named}-${name}`);
  }
}
