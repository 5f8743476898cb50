/** Final destination of the log. */
interface Output {
  write(text: string): unknown;
}

/** Longest wait of a line for others, in ms, and most characters gathered before they are passed on. */
const flushMs = 100;
const batchLengthMax = 65_536;

/** Gathers the log's lines and passes them on in batches, after 100 ms at the latest. */
export class LogBatches {
  readonly #output: Output;
  #lines: string[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  write(line: string): void {
    this.#lines.push(line);
    this.#length += line.length;
    if (this.#length >= batchLengthMax) this.passOn();
    else this.#timer ??= setTimeout(() => this.passOn(), flushMs).unref();
  }

  /** Passes on the gathered lines. */
  passOn(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines.length === 0) return;
    const text = this.#lines.join("");
    this.#lines = [];
    this.#length = 0;
    this.#output.write(text);
  }
}
