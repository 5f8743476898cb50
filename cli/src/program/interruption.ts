/** Exit codes after a signal: SIGINT (Ctrl-C) and SIGTERM. */
export type InterruptedCode = 130 | 143;

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
}
