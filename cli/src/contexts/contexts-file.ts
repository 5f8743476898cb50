import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readPlainFile } from "../files/read-plain-file.ts";
import { targetOf } from "../files/target-of.ts";
import { UsageError } from "../program/usage-error.ts";
import type { Contexts } from "./context.ts";
import { ContextsFault, contextsText, parseContexts } from "./parse-contexts.ts";

const none: Contexts = { inUse: undefined, byName: new Map() };
// A change takes milliseconds, so that a lock which stays this long has no owner.
const lockTimeMs = 5_000;
const lockPauseMs = 20;

/** The file of contexts could not be changed; it is as it was. */
export class ContextsNotWritten extends Error {
  override readonly name = "ContextsNotWritten";
}

/** The file with a person's contexts, `contexts.json` in a folder of configuration. */
export class ContextsFile {
  readonly path: string;

  /** Throws a `UsageError` without a folder. */
  constructor(configFolder: string | undefined) {
    if (configFolder === undefined) {
      throw new UsageError("There is no place for contexts: XDG_CONFIG_HOME is not set, and this account has no home.");
    }
    this.path = join(configFolder, "contexts.json");
  }

  /** Reads all contexts; there are none without the file. Throws a `UsageError` if the file is not as expected. */
  read(): Contexts {
    try {
      return parseContexts(readPlainFile(this.path));
    } catch (error) {
      if (error instanceof ContextsFault) {
        throw new UsageError(`${this.path}: ${error.message} Mend the file, or remove it and add the contexts again.`);
      }
      const { code, message } = error as NodeJS.ErrnoException;
      // A part of the path may be no folder, such as with HOME=/dev/null.
      if (code === "ENOENT" || code === "ENOTDIR") return none;
      throw new UsageError(`${this.path}: cannot read it: ${message}.`, { cause: error });
    }
  }

  /**
   * Replaces the contexts by what `change` makes of them, atomically and readable by the owner only. Changes of several
   * processes follow one another, so none is lost. Throws a `ContextsNotWritten`, and what `read` and `change` throw.
   */
  async change(change: (contexts: Contexts) => Contexts): Promise<void> {
    try {
      const target = await targetOf(this.path);
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
      // The lock is the new file itself, as in git: who creates it may replace the old one.
      const lock = `${target}.lock`;
      const descriptor = await openLock(lock);
      // Without a pause from here on, so that Ctrl-C leaves no lock behind.
      this.#replace({ target, lock, descriptor }, change);
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      // Everything but the system's errors is about the contents.
      if (code === undefined) throw cause;
      throw new ContextsNotWritten(`${this.path}: cannot write it: ${message}.`, { cause });
    }
  }

  #replace({ target, lock, descriptor }: OpenLock, change: (contexts: Contexts) => Contexts): void {
    try {
      try {
        writeFileSync(descriptor, contextsText(change(this.read())));
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(lock, target);
    } catch (error) {
      rmSync(lock, { force: true });
      throw error;
    }
    syncFolder(dirname(target));
  }
}

interface OpenLock {
  readonly target: string;
  readonly lock: string;
  readonly descriptor: number;
}

async function openLock(lock: string): Promise<number> {
  const deadlineMs = performance.now() + lockTimeMs;
  for (;;) {
    try {
      return openSync(lock, "wx", 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (performance.now() > deadlineMs) {
      throw new ContextsNotWritten(`${lock} is there: another process changes the contexts. If none does, remove it.`);
    }
    await new Promise((resolve) => setTimeout(resolve, lockPauseMs));
  }
}

function syncFolder(folder: string): void {
  // Windows cannot open folders.
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
