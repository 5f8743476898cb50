import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "../files/sync-folder.ts";
import { targetOf } from "../files/target-of.ts";
import { UsageError } from "../program/usage-error.ts";

/** A file that is there only once it is whole, readable by its owner only: it has the keys of redactions. */
export class ExportFile implements AsyncDisposable {
  readonly #file: string;
  readonly #beside: string;
  readonly #handle: FileHandle;

  private constructor(file: string, beside: string, handle: FileHandle) {
    this.#file = file;
    this.#beside = beside;
    this.#handle = handle;
  }

  /** Creates the file beside the one to be. Throws a `UsageError` if that fails. */
  static async begin(file: string): Promise<ExportFile> {
    try {
      const target = await targetOf(file);
      const beside = `${target}.${randomBytes(6).toString("hex")}.tmp`;
      return new ExportFile(target, beside, await open(beside, "wx", 0o600));
    } catch (error) {
      throw cannotWrite(file, error);
    }
  }

  async write(text: string): Promise<void> {
    await this.#handle.appendFile(text).catch((error: unknown) => {
      throw cannotWrite(this.#file, error);
    });
  }

  /** Puts the whole file in its place. */
  async finish(): Promise<void> {
    try {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(this.#beside, this.#file);
      await syncFolder(dirname(this.#file));
    } catch (error) {
      throw cannotWrite(this.#file, error);
    }
  }

  /** Deletes what is not whole. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
    await rm(this.#beside, { force: true });
  }
}

function cannotWrite(file: string, error: unknown): UsageError {
  return new UsageError(`${file}: cannot write it: ${(error as Error).message}.`);
}
