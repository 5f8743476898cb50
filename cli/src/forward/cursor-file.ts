import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "../files/sync-folder.ts";
import { targetOf } from "../files/target-of.ts";
import { UsageError } from "../program/usage-error.ts";
import { readLines } from "../text/read-lines.ts";
import type { Cursor } from "./cursor.ts";
import { CursorClaim } from "./cursor-claim.ts";

// A journal, JSON, one object a line: this head, then a line for each move of a cursor, of which the last counts, and one that says
// that everything older than the first start is in it. An unfinished last line is dropped. It is written anew when most of its lines
// no longer count.
const format = "activity-events-forward";
const version = 1;
const complete = JSON.stringify({ complete: true });

/** Lines that no longer count, beyond as many as there are deployments, after which the file is written anew. */
const staleLinesMax = 10_000;

/** Longest time between a move and its sync to the disk, in ms: what a power cut can cost is told twice. */
const syncIntervalMs = 1_000;

/** What is forwarded: a cursor of something else would skip or repeat events. */
export interface Source {
  /** Kind of the target: another would miss what was told to this one. */
  readonly to: string;
  readonly address: string;
  /** Of deployments; empty for all. */
  readonly environment: string;
  readonly service: string;
}

/** The cursor could not be written. */
export class CursorNotWritten extends Error {
  override readonly name = "CursorNotWritten";
}

/** How far each deployment was forwarded, in a file that outlives this process. */
export class CursorFile {
  readonly #file: string;
  readonly #claim: CursorClaim;
  readonly #head: string;
  readonly #cursors: Map<string, Cursor>;
  readonly #timer: NodeJS.Timeout;
  #handle: FileHandle;
  #isComplete: boolean;
  #lines: number;
  #waiting: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #isUnsynced = false;

  private constructor(
    file: string,
    claim: CursorClaim,
    handle: FileHandle,
    { head, cursors, isComplete, lines }: Loaded,
  ) {
    this.#file = file;
    this.#claim = claim;
    this.#handle = handle;
    this.#head = head;
    this.#cursors = cursors;
    this.#isComplete = isComplete;
    this.#lines = lines;
    // A failure is thrown by the next move.
    this.#timer = setInterval(() => this.#sync().catch(() => {}), syncIntervalMs).unref();
  }

  /**
   * Opens the file, or makes it. Throws a `UsageError` if it is not a cursor, that of another source, or in use.
   */
  static async open(named: string, source: Source): Promise<CursorFile> {
    try {
      const file = await targetOf(named);
      const claim = await CursorClaim.take(file);
      try {
        const loaded = await load(file, named, source);
        // Ends an unfinished line, and makes the file.
        await writeAnew(file, loaded);
        const handle = await open(file, "a", 0o600);
        return new CursorFile(file, claim, handle, { ...loaded, lines: loaded.cursors.size + 2 });
      } catch (error) {
        await claim.release();
        throw error;
      }
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(`--cursor ${named}: ${(error as Error).message}.`);
    }
  }

  /** True once it says where to begin with every deployment that is older than the first start. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  get(deploymentId: string): Cursor | undefined {
    return this.#cursors.get(deploymentId);
  }

  /** Moves a cursor; resolves when the system has it, so that only a power cut loses it. Throws `CursorNotWritten`. */
  async move(deploymentId: string, cursor: Cursor): Promise<void> {
    this.#cursors.set(deploymentId, cursor);
    await this.#write(lineOf(deploymentId, cursor));
    if (this.#isMostlyStale) await this.#compact();
  }

  /** Says that everything older than the first start is in it. */
  async complete(): Promise<void> {
    this.#isComplete = true;
    await this.#write(complete);
    await this.#sync();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.#sync();
    await this.#handle.close();
    await this.#claim.release();
  }

  get #isMostlyStale(): boolean {
    return this.#lines > 2 * this.#cursors.size + staleLinesMax;
  }

  /** Writes lines of moves that come at the same time at once. */
  async #write(line: string): Promise<void> {
    this.#waiting.push(line);
    this.#writing = this.#writing.then(async () => {
      const lines = this.#waiting.splice(0);
      if (lines.length === 0) return;
      await this.#handle.appendFile(lines.map((text) => `${text}\n`).join(""));
      this.#lines += lines.length;
      this.#isUnsynced = true;
    });
    await this.#written(this.#writing);
  }

  async #sync(): Promise<void> {
    if (!this.#isUnsynced) return;
    this.#isUnsynced = false;
    await this.#written(this.#handle.sync());
  }

  async #compact(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      if (!this.#isMostlyStale) return;
      await writeAnew(this.#file, { head: this.#head, cursors: this.#cursors, isComplete: this.#isComplete });
      await this.#handle.close();
      this.#handle = await open(this.#file, "a", 0o600);
      this.#lines = this.#cursors.size + 2;
    });
    await this.#written(this.#writing);
  }

  async #written(work: Promise<void>): Promise<void> {
    await work.catch((cause: Error) => {
      throw new CursorNotWritten(`--cursor ${this.#file}: cannot write it: ${cause.message}.`, { cause });
    });
  }
}

interface Loaded {
  readonly head: string;
  readonly cursors: Map<string, Cursor>;
  readonly isComplete: boolean;
  readonly lines: number;
}

async function load(file: string, named: string, source: Source): Promise<Loaded> {
  const head = JSON.stringify({ format, version, ...source });
  const cursors = new Map<string, Cursor>();
  let isComplete = false;
  let lines = 0;
  let isThere = true;
  const damaged = (number: number) =>
    new UsageError(`--cursor ${named}: damaged at line ${number}. Restore a copy, or name a new file to start over.`);
  let unread: number | undefined;
  try {
    if (!(await stat(file)).isFile()) throw new UsageError(`--cursor ${named}: not a file.`);
    for await (const chunk of readLines(createReadStream(file))) {
      for (const line of chunk) {
        // Only the last line may be unfinished, by a process that was killed.
        if (unread !== undefined) throw damaged(unread);
        lines += 1;
        if (line.kind === "unreadable") unread = line.number;
        else if (lines === 1) checkHead(line.text, head, named);
        else if (line.text === complete) isComplete = true;
        else if (!take(line.text, cursors)) unread = line.number;
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    isThere = false;
  }
  // Nothing of ours is ever empty: what a crash or a full disk left may have been told anything.
  if (lines === 0 && isThere)
    throw new UsageError(`--cursor ${named}: it is empty. Restore a copy, or delete it to start over.`);
  return { head, cursors, isComplete, lines };
}

function checkHead(line: string, head: string, named: string): void {
  if (line === head) return;
  const said = parse(line);
  if (said?.format !== format) throw new UsageError(`--cursor ${named}: not a cursor of forward.`);
  if (said.version !== version) throw new UsageError(`--cursor ${named}: of another version, ${said.version}.`);
  throw new UsageError(
    `--cursor ${named}: it belongs to other events, ${line}; these are ${head}. Name another file, or delete it to start over.`,
  );
}

function lineOf(deploymentId: string, { sequence, hash }: Cursor): string {
  const historyHash = hash && Buffer.from(hash).toString("hex");
  return JSON.stringify({ deploymentId, sequence: `${sequence}`, historyHash });
}

function take(line: string, cursors: Map<string, Cursor>): boolean {
  const { deploymentId, sequence, historyHash } = parse(line) ?? {};
  if (typeof deploymentId !== "string" || !/^\d{1,19}$/.test(`${sequence}`)) return false;
  if (historyHash !== undefined && !/^[0-9a-f]{64}$/.test(`${historyHash}`)) return false;
  const hash = historyHash === undefined ? undefined : Buffer.from(`${historyHash}`, "hex");
  cursors.set(deploymentId, { sequence: BigInt(`${sequence}`), hash });
  return true;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the file by one with the lines that count. */
async function writeAnew(file: string, { head, cursors, isComplete }: Omit<Loaded, "lines">): Promise<void> {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(beside, "w", 0o600);
    try {
      let lines = [head, ...(isComplete ? [complete] : [])];
      for (const [deploymentId, cursor] of cursors) {
        lines.push(lineOf(deploymentId, cursor));
        if (lines.length < 1_000) continue;
        await handle.appendFile(`${lines.join("\n")}\n`);
        lines = [];
      }
      if (lines.length > 0) await handle.appendFile(`${lines.join("\n")}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await syncFolder(dirname(file));
}
