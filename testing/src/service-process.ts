import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { leftOver } from "./left-over.ts";
import { type Exit, residentBytes } from "./running-service.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Longest wait for a line, in ms: shorter than jest's time limit, which would not name the missing line. */
const patienceMs = 240_000;

const mainFile = fileURLToPath(new URL("../../run-service/src/main.ts", import.meta.url));

/** One JSON line of the service's log. */
export interface LogLine {
  readonly message: string;
  readonly severity: string;
  readonly [field: string]: unknown;
}

interface ServiceProcessOptions {
  readonly arguments?: readonly string[];
  /** Variables in addition to the defaults: a free port, JSON lines, a memory store, its own folder. */
  readonly environment?: Readonly<Record<string, string>>;
  /** File for standard output, such as one on a full disk, instead of a pipe. */
  readonly outputFile?: string;
  /** File that Node runs; by default the service's entry file. */
  readonly program?: string;
  /** Complete command, instead of Node and a program. */
  readonly command?: readonly string[];
  /** What starts Node instead of Node itself, such as nsenter with its arguments. */
  readonly launcher?: readonly string[];
}

/**
 * The service as its user runs it: a process of its own, with settings of its own and nothing of ours in its environment. For
 * tests of the process itself: its arguments, every line that it writes, starts that are refused. What only needs a running
 * service takes `startService` of running-service.ts, which waits until it listens, keeps no lines of calls, so that a long
 * load costs no memory, and works outside jest, as the bench needs.
 */
export class ServiceProcess implements AsyncDisposable {
  /** Lines of standard output. */
  readonly output: string[] = [];
  /** Text of standard error. */
  errors = "";
  /** Resolves with the exit, after all output is read. */
  readonly ended: Promise<Exit>;
  readonly #folder = temporaryFolder();
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #exit: Exit | undefined;

  constructor(options: ServiceProcessOptions = {}) {
    const { path } = this.#folder;
    const defaults = { PORT: "0", LOG_FORMAT: "json", STORE: "memory", DATA_DIR: path, HOME: path };
    const output = options.outputFile === undefined ? "pipe" : openSync(options.outputFile, "a");
    const started = options.command ?? [process.execPath, options.program ?? mainFile];
    const command = [...started, ...(options.arguments ?? [])];
    const [file = process.execPath, ...args] = [...(options.launcher ?? []), ...command];
    const child = spawn(file, args, {
      env: { ...defaults, ...options.environment },
      stdio: ["ignore", output, "pipe"],
    });
    if (typeof output === "number") closeSync(output);
    this.#child = child;
    leftOver.add(this);
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on("line", (line) => {
        this.output.push(line);
        this.#tell();
      });
    }
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.errors += text;
    });
    this.ended = once(child, "close").then(([code, signal]): Exit => {
      this.#exit = { code, signal };
      this.#tell();
      return this.#exit;
    });
  }

  /** Log lines so far. */
  get log(): LogLine[] {
    return this.output.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  }

  /** Returns the first matching log line, past or future. */
  line(matches: (line: LogLine) => boolean): Promise<LogLine> {
    return this.#first(() => this.log.find(matches));
  }

  /** The same for a line of any format. */
  outputLine(matches: (line: string) => boolean): Promise<string> {
    return this.#first(() => this.output.find(matches));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Returns the resident memory in bytes (Linux only). */
  residentBytes(): number {
    return residentBytes(this.pid);
  }

  /** Closes the pipe of standard output, as if the reader of the log had left. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    leftOver.delete(this);
    this.#child.kill("SIGKILL");
    await this.ended;
    this.#folder[Symbol.dispose]();
  }

  async #first<T>(find: () => T | undefined): Promise<T> {
    const giveUpMs = performance.now() + patienceMs;
    const timer = setTimeout(() => this.#tell(), patienceMs + 1);
    try {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        if (this.#exit !== undefined || performance.now() >= giveUpMs) {
          const state = this.#exit === undefined ? "runs" : `ended, ${JSON.stringify(this.#exit)},`;
          throw new Error(`the service ${state} without the line; it wrote\n${this.output.join("\n")}${this.errors}`);
        }
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #tell(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
