import { type ChildProcess, spawn } from "node:child_process";

/** Time within which a signal that was sent to the whole group ends the witness as a rule, in ms. */
const witnessMs = 150;

/**
 * Tells a signal to the whole process group, such as that of Ctrl-C, from one to this process alone: a process of the group that does
 * nothing but end by it. It ends with this process, too, whatever ends that.
 */
export class GroupWitness {
  #process: ChildProcess | undefined;
  #isOver = false;

  constructor() {
    this.#begin();
  }

  /** Tells whether the group got the signal, after at most `patienceMs`. Undefined if that cannot be told. */
  async saw(signal: NodeJS.Signals, patienceMs = witnessMs): Promise<boolean | undefined> {
    const witness = this.#process;
    if (witness === undefined) return undefined;
    if (witness.exitCode === null && witness.signalCode === null) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patienceMs);
        witness.once("exit", () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    // Two may ask at once.
    if (witness.signalCode !== null && this.#process === witness) this.#begin();
    return witness.signalCode === signal;
  }

  /** Ends the witness. */
  end(): void {
    this.#isOver = true;
    this.#process?.kill("SIGKILL");
  }

  #begin(): void {
    this.#process = undefined;
    if (this.#isOver) return;
    // It reads a pipe that nobody writes to and that closes with this process. Without `ulimit`, Ctrl-\ would leave a core.
    const witness = spawn("/bin/sh", ["-c", "ulimit -c 0; exec cat"], { stdio: ["pipe", "ignore", "ignore"] });
    witness.on("error", () => {
      this.#process = undefined;
    });
    witness.stdin?.on("error", () => {});
    witness.unref();
    this.#process = witness;
  }
}
