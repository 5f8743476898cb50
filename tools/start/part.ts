import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

/** Longest time that a program may take to stop, in ms: the service gives its drain 8 s. */
const stopTimeMs = 10_000;

/** The same once it is asked again, in ms: it then ends without a drain, unless it hangs. */
const hurriedStopTimeMs = 1_000;

interface PartOptions {
  /** Name in messages. */
  readonly name: string;
  readonly file: string;
  readonly args?: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** A program as a process that writes to this process' output. */
export class Part {
  /** Name in messages. */
  readonly name: string;
  /** Resolves with the message that the program sends when it listens. Never, if it ends before. */
  readonly listening: Promise<{ readonly address: string }>;
  /** Resolves with its exit code, 128 and the number of a signal that ended it. */
  readonly ended: Promise<number>;
  /** What to do when it ends unasked, as the end of a sentence for the user. */
  advice = "";
  readonly #child: ChildProcess;
  #exitCode: number | undefined;
  #hasListened = false;
  #isAsked = false;
  #isKilled = false;

  constructor({ name, file, args = [], environment }: PartOptions) {
    this.name = name;
    this.#child = spawn(process.execPath, [file, ...args], {
      env: environment,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // In a session of its own, since a terminal would send Ctrl-C to all parts at once. On Windows that is a new console.
      detached: process.platform !== "win32",
    });
    this.listening = once(this.#child, "message").then(([message]) => {
      this.#hasListened = true;
      return message;
    });
    this.ended = once(this.#child, "exit").then(([code, signal]) => {
      this.#exitCode = this.#exitCodeOf(code, signal);
      return this.#exitCode;
    });
  }

  get hasListened(): boolean {
    return this.#hasListened;
  }

  get hasEnded(): boolean {
    return this.#exitCode !== undefined;
  }

  /** Asks the program to stop, and kills it if it does not in time. */
  stop(): void {
    this.#ask(stopTimeMs);
  }

  /** Asks the program again, which then ends at once, and kills it if it does not. */
  hurry(): void {
    this.#ask(hurriedStopTimeMs);
  }

  #ask(timeMs: number): void {
    this.#isAsked = true;
    this.#child.kill("SIGTERM");
    // A running program keeps this process alive; the timer alone does not.
    setTimeout(() => this.#kill(timeMs), timeMs).unref();
  }

  #kill(timeMs: number): void {
    if (this.hasEnded || this.#isKilled) return;
    this.#isKilled = true;
    const seconds = timeMs / 1_000;
    process.stderr.write(`npm start: the ${this.name} did not stop within ${seconds} s: killed (SIGKILL)\n`);
    this.#child.kill("SIGKILL");
  }

  #exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
    // A program that still starts does not listen to signals yet.
    if (signal === "SIGTERM" && this.#isAsked) return 0;
    const how = signal === null ? `the ${this.name} ended with exit code ${code}` : `${signal} ended the ${this.name}`;
    // A program that ends by itself has said why.
    const advice = this.#isAsked ? "" : this.advice;
    if ((signal !== null && !this.#isKilled) || advice !== "") process.stderr.write(`npm start: ${how}${advice}\n`);
    return signal === null ? (code ?? 0) : 128 + constants.signals[signal];
  }
}
