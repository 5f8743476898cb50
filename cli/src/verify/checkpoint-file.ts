import { createHash, type Hash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "../files/sync-folder.ts";
import { targetOf } from "../files/target-of.ts";
import { UsageError } from "../program/usage-error.ts";
import { readLines } from "../text/read-lines.ts";
import { type CheckpointEntry, comparePlaces, entryLine, parseEntry } from "./checkpoint-entry.ts";

// A checkpoint is JSON, one object per line: this head, an entry for each deployment in the order of ListDeployments, and a
// tail with the number of entries and the SHA-256 of all bytes before it. It is streamed line by line, whatever its size,
// and the hash tells a damaged checkpoint from a rewritten history.
const head = JSON.stringify({ format: "activity-events-checkpoint", version: 1 });

function tail(deployments: number, hash: Hash): string {
  return JSON.stringify({ deployments, sha256: hash.digest("hex") });
}

/** Checks a checkpoint; returns false if the file does not exist. Throws a `UsageError` if it is damaged or not a checkpoint. */
export async function checkCheckpoint(file: string): Promise<boolean> {
  const stats = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw unreadable(file, error);
  });
  if (stats === undefined) return false;
  if (!stats.isFile()) throw new UsageError(`--checkpoint ${file}: not a file.`);
  const hash = createHash("sha256");
  let deployments = 0;
  let lineNumber = 0;
  let last: CheckpointEntry | undefined;
  let isWhole = false;
  for await (const line of linesOf(file)) {
    lineNumber += 1;
    if (lineNumber === 1 && line !== head) {
      throw new UsageError(`--checkpoint ${file}: not a checkpoint; line 1 must be ${head}.`);
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

/** Reads the entries of a checked checkpoint, in the order of ListDeployments. */
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
    `--checkpoint ${file}: damaged at line ${line}. Restore a copy, or name a new file to start over.`,
  );
}

function unreadable(file: string, error: Error): UsageError {
  return new UsageError(`--checkpoint ${file}: cannot read it: ${error.message}.`);
}

/** The new checkpoint could not be written. */
export class CheckpointNotWritten extends Error {
  override readonly name = "CheckpointNotWritten";
}

// Lines per write: a few hundred KB.
const linesMax = 1_000;

/** Writes a new checkpoint beside the old one, readable by its owner only. */
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

  /** Creates the file. Throws a `UsageError` if that fails. */
  static async begin(file: string): Promise<NewCheckpoint> {
    try {
      const target = await targetOf(file);
      const beside = `${target}.${randomBytes(6).toString("hex")}.tmp`;
      return new NewCheckpoint(target, beside, await open(beside, "wx", 0o600));
    } catch (error) {
      throw new UsageError(`--checkpoint ${file}: cannot write it: ${(error as Error).message}.`);
    }
  }

  /** Adds the next entry, in the order of ListDeployments. */
  async add(entry: CheckpointEntry): Promise<void> {
    this.#deployments += 1;
    this.#add(entryLine(entry));
    if (this.#lines.length >= linesMax) await this.#written(this.#write());
  }

  /** Replaces the old checkpoint atomically. */
  async replace(): Promise<void> {
    this.#lines.push(tail(this.#deployments, this.#hash));
    await this.#written(this.#putInPlace());
  }

  /** Deletes the new file if it did not replace the old one. */
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
      const message = `--checkpoint ${this.#file}: cannot write it, so the old one stays: ${cause.message}.`;
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
