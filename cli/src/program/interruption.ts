/** The exit codes of a program that a signal ended: Ctrl-C, and SIGTERM. */
export type InterruptedCode = 130 | 143;

/** What a program is asked to end with, by a person or by the system. */
export class Interruption {
  readonly #program: NodeJS.Process;
  // Nothing is left half done by leaving at once: what was not acknowledged may be sent again.
  readonly #leave = () => this.#program.exit(130);

  constructor(program: NodeJS.Process) {
    this.#program = program;
    program.on("SIGINT", this.#leave);
  }

  /** Calls `onSignal` in place of ending the program, until what it returns is called. */
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
