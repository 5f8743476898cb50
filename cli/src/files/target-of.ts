import { readlink, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** Resolves a symbolic link, even if its target does not exist yet. */
export async function targetOf(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const named = await readlink(file).catch(() => undefined);
    return named === undefined ? file : targetOf(resolve(dirname(file), named));
  }
}
