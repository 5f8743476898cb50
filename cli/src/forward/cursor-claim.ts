import { open, readFile, rm, writeFile } from "node:fs/promises";
import { isRunning, ownerText, parseOwner, thisOwner } from "../files/process-owner.ts";

/** Says that this process moves the cursors of a file, so that another does not tell the same events in between. */
export class CursorClaim {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /**
   * Claims a cursor's file. Throws an Error if a process of this machine holds it. One of another machine is not looked up: it has
   * ended, where a volume moves with its only pod.
   */
  static async take(cursorFile: string): Promise<CursorClaim> {
    const file = `${cursorFile}.owner`;
    const text = ownerText(thisOwner());
    try {
      const handle = await open(file, "wx", 0o600);
      await handle.writeFile(text).finally(() => handle.close());
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const owner = parseOwner(await readFile(file, "utf8"));
      const nowMs = Date.now();
      if (owner !== undefined && owner.place === thisOwner().place && isRunning(owner, nowMs, nowMs)) {
        throw new Error(`process ${owner.pid} forwards with it`);
      }
      await writeFile(file, text);
    }
    return new CursorClaim(file);
  }

  async release(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}
