/** Exit codes after a signal: SIGINT (Ctrl-C) and SIGTERM. */
export type InterruptedCode = 130 | 143;

/** Signals that `run` passes on to its command. */
export const passedSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** A signal that `run` passes on to its command. */
export type PassedSignal = (typeof passedSignals)[number];

/** Handles the signals that ask the program to end. */
export class Interruption {
  readonly #program: NodeJS.Process;
  // Exiting at once is safe: an unacknowledged event can be sent again.
  readonly #leave = () => this.#program.exit(130);

  constructor(program: NodeJS.Process) {
    this.#program = program;
    program.on("SIGINT", this.#leave);
  }

  /** Calls `onSignal` instead of ending the program. Returns a function that restores the default. */
  intercept(onSignal: (exitCode: InterruptedCode) => void): () => void {
    const program = this.#program;
    const onCtrlC = () => onSignal(130);
    const onTerm = () => onSignal(143);
    program.off("SIGINT", this.#leave).on("SIGINT", onCtrlC).on("SIGTERM", onTerm);
    return () => {
      program.off("SIGINT", onCtrlC).off("SIGTERM", onTerm).on("SIGINT", this.#leave);
    };
  }

  /** Calls `onSignal` for every signal that a command gets passed on. Returns a function that restores the default. */
  takeAll(onSignal: (signal: PassedSignal) => void): () => void {
    const program = this.#program;
    program.off("SIGINT", this.#leave);
    for (const signal of passedSignals) program.on(signal, onSignal);
    return () => {
      for (const signal of passedSignals) program.off(signal, onSignal);
      program.on("SIGINT", this.#leave);
    };
  }

  /** Keeps the program running when something throws that nobody catches. */
  outlive(onFault: (error: unknown) => void): void {
    this.#program.on("uncaughtException", onFault).on("unhandledRejection", onFault);
  }

  /** Ends the program by Ctrl-C's signal, as if it were not handled: a shell then ends the script that called it, too. */
  dieOfCtrlC(): void {
    this.#program.off("SIGINT", this.#leave);
    this.#program.kill(this.#program.pid, "SIGINT");
  }
}
