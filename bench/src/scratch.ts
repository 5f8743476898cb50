import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

/** How a process is started; as another user where `user` is set. */
export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** With a channel for messages, as `fork` opens one. */
  readonly withMessages?: boolean;
}

/** A process that the bench started. */
export interface StartedProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves however it ends. */
  readonly exited: Promise<void>;
  readonly hasExited: boolean;
  /** What it has written so far, for the message when it fails. */
  said(): string;
  /** Asks it to end with SIGTERM, and ends it after 10 s. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): Promise<void>;
}

// Ends a process with the one that started it, should that be killed.
const pdeathsig = ["--pdeathsig", "KILL"];
const setpriv = spawnSync("setpriv", [...pdeathsig, "true"]).status === 0;

interface ScratchOptions {
  /** Where the folder is made. */
  readonly parent: string;
  /** The program of the service; see bundleService. */
  readonly service: string;
  /** Where what takes long to make is kept from run to run. */
  readonly keepIn: string;
  /** Is told what goes on, in a line. */
  readonly report: (line: string) => void;
}

/** The folder and the processes of one group; nothing of them is left when it is closed or this process ends. */
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
    // A server of another user finds its folder.
    chmodSync(this.#root, 0o711);
    // Before what removes the folder around it.
    process.prependListener("exit", this.#closeNow);
  }

  /** A new, empty folder, which a process of another user may be given. */
  async folder(name: string): Promise<string> {
    const folder = this.#path(name);
    await mkdir(folder);
    return folder;
  }

  /** A path for a new file. */
  file(name: string): string {
    return this.#path(name);
  }

  start({ command, args, environment = process.env, user, withMessages = false }: ProcessOptions): StartedProcess {
    const outputFile = this.#path("output");
    const output = openSync(outputFile, "w");
    const options: SpawnOptions = {
      env: environment,
      // What a log costs on the way to a disk is not what is measured.
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

  /** Ends what still runs and removes the folder. */
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
