import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// `chmod` does not touch what is open already, nor root; a remount is refused while a file is open. The immutable flag
// makes writes fail at once, for everybody, as they do when the kernel has turned a broken file system read-only.

const folders = new Set<string>();

/**
 * A new folder whose files can be made immutable. Throws, with the reason in one line, where that takes rights that this
 * process has not, or where no file system at hand holds it against files that are open already.
 */
export function folderForImmutableFiles(): string {
  const refusals: string[] = [];
  for (const parent of [tmpdir(), join(import.meta.dirname, "..", "node_modules")]) {
    try {
      const folder = mkdtempSync(join(parent, "activity-events-e2e-"));
      folders.add(folder);
      proveImmutability(join(folder, "trial"));
      return folder;
    } catch (error) {
      refusals.push((error as Error).message);
    }
  }
  throw new Error(`no file can be made immutable here: ${refusals.join("; ")}`);
}

/** Why folderForImmutableFiles throws on this machine; undefined when it does not. */
export function whyNoImmutableFiles(): string | undefined {
  try {
    folderForImmutableFiles();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    removeFoldersOfImmutableFiles();
  }
}

/** From now on writes to the files fail, or no longer. */
export function setImmutable(files: readonly string[], isImmutable: boolean): void {
  const { status, stderr, error } = spawnSync("chattr", [isImmutable ? "+i" : "-i", ...files], { encoding: "utf8" });
  if (status !== 0) throw new Error(error?.message ?? stderr.trim().replaceAll("\n", "; "));
}

/** For afterEach, when the processes that use them have ended. */
export function removeFoldersOfImmutableFiles(): void {
  for (const folder of folders) {
    spawnSync("chattr", ["-R", "-i", folder]);
    rmSync(folder, { recursive: true });
  }
  folders.clear();
}

function proveImmutability(file: string): void {
  const descriptor = openSync(file, "w");
  try {
    setImmutable([file], true);
    if (writes(descriptor)) throw new Error(`${file} is immutable and can be written all the same`);
  } finally {
    closeSync(descriptor);
    setImmutable([file], false);
  }
}

function writes(descriptor: number): boolean {
  try {
    writeSync(descriptor, "x");
    return true;
  } catch {
    return false;
  }
}
