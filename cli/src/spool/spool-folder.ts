import { lstat, mkdir, open, readdir, rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { v7 as uuidv7 } from "uuid";
import { plainFileProblem } from "../files/open-plain-file.ts";
import { isRunning, ownerText, type ProcessOwner, parseOwner, thisOwner } from "../files/process-owner.ts";
import { diskInTime } from "./disk-in-time.ts";
import { readSpool } from "./read-spool.ts";
import { type HeadLine, headLine, type SpoolHead } from "./spool-lines.ts";
import { SpoolWriter } from "./spool-writer.ts";

/** A file of the spool that a process left. */
export interface LeftFile {
  /** Id of the run that wrote it. */
  readonly id: string;
  readonly path: string;
  /** Undefined if not even its first line is whole. */
  readonly head: HeadLine | undefined;
}

/**
 * The folder with events that are not sent yet, one file for each run. The name of a file says which process owns it; a process takes
 * over what an ended one left by renaming it, which only one can.
 */
export class SpoolFolder {
  readonly path: string;

  constructor(stateFolder: string) {
    this.path = join(stateFolder, "spool");
  }

  /** Folder of the events that the service refused for good. */
  get refused(): string {
    return join(this.path, "refused");
  }

  /** Creates a file of this process. Throws the system's error. */
  async create(head: SpoolHead): Promise<SpoolWriter> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    const id = uuidv7();
    const path = join(this.path, nameOf(id, thisOwner()));
    const file = await open(path, "ax", 0o600);
    try {
      await file.appendFile(headLine(head));
      await syncFolder(this.path);
    } catch (error) {
      await file.close();
      await rm(path, { force: true }).catch(() => {});
      throw error;
    }
    return new SpoolWriter({ id, path, refusedFolder: this.refused, file });
  }

  /**
   * Lists the files of processes that have ended, oldest first, and what is no file under such a name. Throws if the disk does not
   * answer in time.
   */
  async left(): Promise<readonly LeftFile[]> {
    const names = await diskInTime(readdir(this.path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
      throw error;
    });
    const found: LeftFile[] = [];
    for (const name of names.sort()) {
      const named = parseName(name);
      if (named === undefined) continue;
      const path = join(this.path, name);
      const stats = await diskInTime(lstat(path).catch(() => undefined));
      // Another process has taken or sent it meanwhile.
      if (stats === undefined) continue;
      const problem = plainFileProblem(stats);
      if (problem !== undefined) found.push({ id: named.id, path, head: { kind: "damaged", problem } });
      else if (!isRunning(named.owner, stats.mtimeMs, Date.now())) {
        found.push({ id: named.id, path, head: await diskInTime(headOf(path)) });
      }
    }
    return found;
  }

  /** Takes a left file over; returns its new path, or undefined if another process was faster. */
  async claim({ id, path }: LeftFile): Promise<string | undefined> {
    const own = join(this.path, nameOf(id, thisOwner()));
    const now = new Date();
    try {
      // First, so that other machines never see the new name with the old time, and a file of another account keeps its name.
      await utimes(path, now, now);
      await rename(path, own);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    return own;
  }
}

function nameOf(id: string, owner: ProcessOwner): string {
  return `${id}.${ownerText(owner)}.ndjson`;
}

function parseName(name: string): { readonly id: string; readonly owner: ProcessOwner } | undefined {
  const [, id, text] = /^([0-9a-f-]{36})\.(.+)\.ndjson$/.exec(name) ?? [];
  const owner = text === undefined ? undefined : parseOwner(text);
  return id === undefined || owner === undefined ? undefined : { id, owner };
}

async function headOf(path: string): Promise<HeadLine | undefined> {
  try {
    for await (const item of readSpool(path)) {
      if (item.kind === "event" || item.kind === "no event") break;
      return item;
    }
    return undefined;
  } catch (error) {
    return { kind: "damaged", problem: `it cannot be read: ${(error as Error).message}` };
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
