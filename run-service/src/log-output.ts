import { write } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { limits } from "./limits.ts";

interface LogOutputOptions {
  /** Writes some of the bytes, and answers how many. */
  readonly write: (bytes: Uint8Array) => Promise<number>;
  /** The line that says how many were lost. */
  readonly lostLine: (lines: number) => string;
}

/**
 * Where the log goes in the end. That it cannot be written, or not as fast as lines come, costs lines and never the service:
 * they are counted, and the count is written before the next line that can be.
 */
export class LogOutput {
  readonly #options: LogOutputOptions;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #lost = 0;
  /** The last line that was written is cut off. */
  #isCut = false;

  constructor(options: LogOutputOptions) {
    this.#options = options;
  }

  /** Takes whole lines. */
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

  /** Resolves when all that was taken is written, or lost. */
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

  /** False: it is lost as well. */
  async #tellLost(): Promise<boolean> {
    const lost = this.#lost;
    if (lost === 0) return true;
    const line = Buffer.from(`${this.#isCut ? "\n" : ""}${this.#options.lostLine(lost)}`);
    if ((await this.#writeBytes(line)) < line.length) return false;
    this.#lost -= lost;
    return true;
  }

  /** Answers how many of the bytes were written before one could not be. */
  async #writeBytes(bytes: Uint8Array): Promise<number> {
    let written = 0;
    try {
      while (written < bytes.length) written += await this.#options.write(bytes.subarray(written));
    } catch {
      // Nobody can be told: this is where faults are told.
    }
    if (written > 0) this.#isCut = bytes[written - 1] !== newline;
    return written;
  }
}

const newline = 0x0a;

function linesIn(bytes: Uint8Array): number {
  return bytes.reduce((lines, byte) => (byte === newline ? lines + 1 : lines), 0);
}

/** Milliseconds until a descriptor that takes nothing now is tried again. */
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
