import { fstatSync, writeSync } from "node:fs";
import { Writable } from "node:stream";
import { onReaderLeft } from "./on-reader-left.ts";

/** Standard output or standard error. */
export type StandardStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * Opens standard output (1) or standard error (2). Every incomplete write emits an error, and so does, at once, a pipe that
 * loses its reader (EPIPE).
 */
export function standardStream(descriptor: 1 | 2): StandardStream {
  const stats = fstatSync(descriptor);
  const own = descriptor === 1 ? process.stdout : process.stderr;
  const isDevice = stats.isCharacterDevice() || stats.isBlockDevice();
  if (stats.isFile() || (isDevice && !own.isTTY)) return new FileStream(descriptor);
  onReaderLeft(descriptor, () => own.destroy(Object.assign(new Error("the reader has left"), { code: "EPIPE" })));
  return own;
}

/**
 * Writes synchronously and completely to a file or device. Node's own stream ignores a short write: on a full disk the
 * last line is cut without an error.
 */
class FileStream extends Writable {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    super({ decodeStrings: true });
    this.#descriptor = descriptor;
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }
}
