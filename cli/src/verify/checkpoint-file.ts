import { createHash, type Hash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UsageError } from "../program/usage-error.ts";
import { readLines } from "../text/read-lines.ts";
import { type CheckpointEntry, comparePlaces, entryLine, parseEntry } from "./checkpoint-entry.ts";

// A checkpoint is JSON, an object a line: this one, an entry for each deployment in the order of the list of all, and one
// that tells how many there are and the SHA-256 of all bytes before it. So it is read and written a line at a time, whatever
// the number of deployments, and damage to it is not taken for one to a history.
const head = JSON.stringify({ format: "activity-events-checkpoint", version: 1 });

function tail(deployments: number, hash: Hash): string {
  return JSON.stringify({ deployments, sha256: hash.digest("hex") });
}

/** Whether there is a checkpoint. Throws a `UsageError` that names the file where it is none, or is damaged. */
export async function checkCheckpoint(file: string): Promise<boolean> {
  const stats = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw unreadable(file, error);
  });
  if (stats === undefined) return false;
  if (!stats.isFile()) throw new UsageError(`--checkpoint ${file}: it is no file.`);
  const hash = createHash("sha256");
  let deployments = 0;
  let lineNumber = 0;
  let last: CheckpointEntry | undefined;
  let isWhole = false;
  for await (const line of linesOf(file)) {
    lineNumber += 1;
    if (lineNumber === 1 && line !== head) {
      throw new UsageError(`--checkpoint ${file}: it is no checkpoint of this program; line 1 must be ${head}.`);
    }
    const entry = lineNumber === 1 ? undefined : parseEntry(line);
    if (entry !== undefined) {
      if (isWhole || (last !== undefined && comparePlaces(last, entry) >= 0)) throw damaged(file, lineNumber);
      last = entry;
      deployments += 1;
    } else if (lineNumber > 1) {
      if (isWhole || line !== tail(deployments, hash.copy())) throw damaged(file, lineNumber);
      isWhole = true;
    }
    hash.update(`${line}\n`);
  }
  if (!isWhole) throw damaged(file, lineNumber + 1);
  return true;
}

/** Reads what a checkpoint that was checked keeps, in the order of the list of all deployments. */
export async function* readCheckpoint(file: string): AsyncGenerator<CheckpointEntry, void, undefined> {
  for await (const line of linesOf(file)) {
    const entry = line === head ? undefined : parseEntry(line);
    if (entry !== undefined) yield entry;
  }
}

async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  try {
    for await (const lines of readLines(createReadStream(file))) {
      for (const line of lines) {
        if (line.kind === "unreadable") throw damaged(file, line.number);
        yield line.text;
      }
    }
  } catch (error) {
    throw error instanceof UsageError ? error : unreadable(file, error as Error);
  }
}

function damaged(file: string, line: number): UsageError {
  return new UsageError(
    `--checkpoint ${file}: it is damaged at line ${line}; nothing can be compared with it. Bring back a copy of it, or name another file to begin anew.`,
  );
}

function unreadable(file: string, error: Error): UsageError {
  return new UsageError(`--checkpoint ${file}: it cannot be read: ${error.message}.`);
}

/** The disk or the system refused a checkpoint. */
export class CheckpointNotWritten extends Error {
  override readonly name = "CheckpointNotWritten";
}

// Written together: some hundred KB.
const linesMax = 1_000;

/** A checkpoint that is being written, beside the one before; for its owner alone. */
export class NewCheckpoint implements AsyncDisposable {
  readonly #file: string;
  readonly #beside: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash("sha256");
  #lines: string[] = [];
  #deployments = 0;

  private constructor(file: string, beside: string, handle: FileHandle) {
    this.#file = file;
    this.#beside = beside;
    this.#handle = handle;
    this.#add(head);
  }

  /** Begins one. Throws a `UsageError` where it cannot be written. */
  static async begin(file: string): Promise<NewCheckpoint> {
    try {
      const target = await targetOf(file);
      const beside = `${target}.${randomBytes(6).toString("hex")}.tmp`;
      return new NewCheckpoint(target, beside, await open(beside, "wx", 0o600));
    } catch (error) {
      throw new UsageError(`--checkpoint ${file}: it cannot be written: ${(error as Error).message}.`);
    }
  }

  /** Adds the next entry, in the order of the list of all deployments. */
  async add(entry: CheckpointEntry): Promise<void> {
    this.#deployments += 1;
    this.#add(entryLine(entry));
    if (this.#lines.length >= linesMax) await this.#written(this.#write());
  }

  /** Puts it whole in the place of the one before. */
  async replace(): Promise<void> {
    this.#lines.push(tail(this.#deployments, this.#hash));
    await this.#written(this.#putInPlace());
  }

  /** Takes away what was not put in place. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
    await rm(this.#beside, { force: true });
  }

  async #putInPlace(): Promise<void> {
    await this.#write();
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#beside, this.#file);
    await syncFolder(dirname(this.#file));
  }

  async #written(work: Promise<void>): Promise<void> {
    await work.catch((cause: Error) => {
      const message = `--checkpoint ${this.#file} stays as it was; the new one cannot be written: ${cause.message}.`;
      throw new CheckpointNotWritten(message, { cause });
    });
  }

  #add(line: string): void {
    this.#hash.update(`${line}\n`);
    this.#lines.push(line);
  }

  async #write(): Promise<void> {
    const text = this.#lines.map((line) => `${line}\n`).join("");
    this.#lines = [];
    await this.#handle.appendFile(text);
  }
}

/** The file that a symbolic link names, also where that is not there yet. */
async function targetOf(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const named = await readlink(file).catch(() => undefined);
    return named === undefined ? file : targetOf(resolve(dirname(file), named));
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders.
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().finally(() => handle.close());
}
