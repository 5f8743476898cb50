import { fstatSync, writeSync } from "node:fs";
import { Writable } from "node:stream";
import { onReaderLeft } from "./on-reader-left.ts";

/** Standard output or standard error. */
export type StandardStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * Opens standard output (1) or standard error (2) so that whatever is not written is an error, and that a pipe which nobody
 * reads any more is one at once: EPIPE.
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
 * Writes to a file or a device at once, and all of it. Node's own stream writes once and takes what is left over for
 * written: on a disk that fills up the last line ends in the middle, and nobody hears of it.
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
