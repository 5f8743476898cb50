import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/** Larger than any file that a person keeps by hand, in bytes. */
const bytesMax = 1024 * 1024;

// Opens a pipe at once instead of waiting for its writer. Windows has no such flag.
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Reads the text of a small file. Throws the system's error, or one that says that it is no file or too large. */
export function readPlainFile(path: string): string {
  const descriptor = openSync(path, openFlags);
  try {
    const { size } = plainStats(descriptor);
    if (size > bytesMax) throw new Error(`it has ${size} bytes, more than ${bytesMax}`);
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

function plainStats(descriptor: number) {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) throw new Error("it is no file");
  return stats;
}
