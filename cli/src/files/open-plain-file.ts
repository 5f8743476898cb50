import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** A path that holds something else than a file, so that reading it may wait for ever or never end. */
export class NoPlainFileError extends Error {
  override readonly name = "NoPlainFileError";
}

// Opens a pipe at once instead of waiting for its writer, and no link. Windows has no such flags.
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Opens a file to read it; follows no link. Throws the system's error or a NoPlainFileError. */
export async function openPlainFile(path: string): Promise<FileHandle> {
  const file = await open(path, openFlags);
  try {
    const problem = plainFileProblem(await file.stat());
    if (problem !== undefined) throw new NoPlainFileError(problem);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Tells why something is no plain file; undefined if it is one. */
export function plainFileProblem(stats: Stats): string | undefined {
  if (stats.isSymbolicLink()) return "it is a symbolic link";
  return stats.isFile() ? undefined : "it is no file";
}
