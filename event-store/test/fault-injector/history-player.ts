import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { FaultyDisk } from "./faulty-disk.ts";
import type { FilledStore } from "./filled-store.ts";
import { History, type HistoryPlan, type PlayedHistory } from "./history.ts";
import { StoreProcess } from "./remote-store.ts";

/** Plays histories one after the other, each on a store of its own. */
export class HistoryPlayer {
  readonly #disk: FaultyDisk;
  readonly #filled: FilledStore;
  readonly #script: string;
  #process: StoreProcess | undefined;
  #played = 0;

  /** `script` is store-process.ts, or a copy of it beside changed sources. */
  constructor(options: { readonly disk: FaultyDisk; readonly filled: FilledStore; readonly script: string }) {
    this.#disk = options.disk;
    this.#filled = options.filled;
    this.#script = options.script;
  }

  async play(plan: HistoryPlan): Promise<PlayedHistory> {
    this.#played += 1;
    const folder = join(this.#disk.root, `${this.#played}`);
    cpSync(this.#filled.folder, folder, { recursive: true });
    this.#disk.order.withdraw();
    this.#disk.beginRecord();
    const history = new History(plan, {
      disk: this.#disk,
      file: join(folder, "events.db"),
      witness: this.#filled.witness.copy(),
      process: () => this.#running(),
      killProcess: () => this.end(),
    });
    const played = await history.play();
    // Whatever state a store is in that did what it must not, the next history has nothing to do with it.
    if (played.faults.length > 0) await this.end();
    rmSync(folder, { recursive: true });
    return played;
  }

  /** kill -9 of the process in which the stores are opened; the next history starts another. */
  async end(): Promise<void> {
    await this.#process?.kill();
    this.#process = undefined;
  }

  #running(): StoreProcess {
    this.#process ??= new StoreProcess(this.#script, this.#disk.environment);
    return this.#process;
  }
}
