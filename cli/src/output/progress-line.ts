/** Terminal of a progress line. */
export interface ProgressTerminal {
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const clearLine = "\r\x1b[K";

/** Rewrites one line at the bottom of a terminal. Shows nothing without a terminal. */
export class ProgressLine {
  readonly #terminal: ProgressTerminal | undefined;
  #text: string | undefined;

  constructor(terminal: ProgressTerminal | undefined) {
    this.#terminal = terminal;
  }

  /** Shows a text, cut to the width of the terminal. The text must have no control characters. */
  show(text: string): void {
    this.#text = text;
    this.#terminal?.write(`${clearLine}${text.slice(0, (this.#terminal.columns || 80) - 1)}`);
  }

  /** Calls `write`, which writes to the same terminal, so that its output appears above the line. */
  async above(write: () => unknown): Promise<void> {
    if (this.#terminal === undefined || this.#text === undefined) {
      await write();
      return;
    }
    this.#terminal.write(clearLine);
    await write();
    this.show(this.#text);
  }

  /** Clears the line. */
  remove(): void {
    if (this.#text !== undefined) this.#terminal?.write(clearLine);
    this.#text = undefined;
  }
}
