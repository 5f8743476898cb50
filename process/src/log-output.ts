import { write } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { limits } from "./limits.ts";

interface LogOutputOptions {
  /** Writes some of the bytes; resolves with the number written. */
  readonly write: (bytes: Uint8Array) => Promise<number>;
  /** Makes the line that reports lost lines. */
  readonly lostLine: (lines: number) => string;
}

/**
 * Writes the log. If it cannot be written, or not fast enough, lines are lost but the service is not affected. Lost
 * lines are counted, and the count precedes the next line.
 */
export class LogOutput {
  readonly #options: LogOutputOptions;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #lost = 0;
  /** True if the last written line is incomplete. */
  #isCut = false;

  constructor(options: LogOutputOptions) {
    this.#options = options;
  }

  /** Takes complete lines. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#waitingBytes + bytes.length > limits.logWaitingBytesMax) {
      this.#lost += linesIn(bytes);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when every line is written or lost. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (let bytes = this.#waiting.shift(); bytes !== undefined; bytes = this.#waiting.shift()) {
      if (await this.#tellLost()) this.#lost += linesIn(bytes.subarray(await this.#writeBytes(bytes)));
      else this.#lost += linesIn(bytes);
      this.#waitingBytes -= bytes.length;
    }
    this.#writing = undefined;
  }

  /** Reports lost lines; false if the report is lost too. */
  async #tellLost(): Promise<boolean> {
    const lost = this.#lost;
    if (lost === 0) return true;
    const line = Buffer.from(`${this.#isCut ? "\n" : ""}${this.#options.lostLine(lost)}`);
    if ((await this.#writeBytes(line)) < line.length) return false;
    this.#lost -= lost;
    return true;
  }

  /** Writes bytes; resolves with the number written before a failure. */
  async #writeBytes(bytes: Uint8Array): Promise<number> {
    let written = 0;
    try {
      while (written < bytes.length) written += await this.#options.write(bytes.subarray(written));
    } catch {
      // Nowhere to report: this is the log.
    }
    if (written > 0) this.#isCut = bytes[written - 1] !== newline;
    return written;
  }
}

const newline = 0x0a;

function linesIn(bytes: Uint8Array): number {
  return bytes.reduce((lines, byte) => (byte === newline ? lines + 1 : lines), 0);
}

/** Delay before the next attempt on a descriptor that takes nothing now, in ms. */
const againMs = 50;

/** Writes to standard output. */
export async function writeToStandardOutput(bytes: Uint8Array): Promise<number> {
  try {
    return (await promisify(write)(1, bytes)).bytesWritten;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    await sleep(againMs);
    return 0;
  }
}
