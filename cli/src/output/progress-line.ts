/** The terminal that a progress line is on. */
export interface ProgressTerminal {
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const clearLine = "\r\x1b[K";

/** A line at the bottom of a terminal that is written over again and again; without a terminal nothing is shown. */
export class ProgressLine {
  readonly #terminal: ProgressTerminal | undefined;
  #text: string | undefined;

  constructor(terminal: ProgressTerminal | undefined) {
    this.#terminal = terminal;
  }

  /** Shows a text without control characters, as much of it as fits on the line. */
  show(text: string): void {
    this.#text = text;
    this.#terminal?.write(`${clearLine}${text.slice(0, (this.#terminal.columns || 80) - 1)}`);
  }

  /** Writes something else to the same terminal: it comes to stand above the line. */
  async above(write: () => unknown): Promise<void> {
    if (this.#terminal === undefined || this.#text === undefined) {
      await write();
      return;
    }
    this.#terminal.write(clearLine);
    await write();
    this.show(this.#text);
  }

  /** Takes the line away. */
  remove(): void {
    if (this.#text !== undefined) this.#terminal?.write(clearLine);
    this.#text = undefined;
  }
}
