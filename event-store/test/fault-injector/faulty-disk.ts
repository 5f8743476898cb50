import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import type { DiskImage } from "./disk-image.ts";
import { type DiskChange, readDiskRecord } from "./disk-record.ts";
import { OrderFile } from "./fault-order.ts";

/** Says in one line why no injector can be made here; undefined where it can. */
export function whyNoCompiler(): string | undefined {
  if (process.platform !== "linux") return `run it on Linux: this is ${process.platform}`;
  return spawnSync("cc", ["--version"]).status === 0 ? undefined : "apt-get install gcc libc6-dev";
}

/** A folder on a disk that does what a test orders, as processes see it that are started with its environment. */
export class FaultyDisk {
  readonly order: OrderFile;
  readonly environment: NodeJS.ProcessEnv;
  readonly #temporary = temporaryFolder();
  readonly #folder = this.#temporary.path;
  readonly #record: string;

  constructor() {
    const library = join(this.#folder, "fault-injector.so");
    const source = join(import.meta.dirname, "fault-injector.c");
    execFileSync("cc", [
      "-O1",
      "-Wall",
      "-Wextra",
      "-Werror",
      "-shared",
      "-fPIC",
      "-o",
      library,
      source,
      "-ldl",
      "-lpthread",
    ]);
    this.#record = join(this.#folder, "record");
    writeFileSync(this.#record, "");
    this.order = new OrderFile(join(this.#folder, "order"));
    mkdirSync(this.root);
    this.environment = {
      LD_PRELOAD: library,
      FAULT_ROOT: `${this.root}/`,
      FAULT_RECORD: this.#record,
      FAULT_ORDER: this.order.path,
    };
  }

  /** What the processes do below it is recorded and disturbed. */
  get root(): string {
    return join(this.#folder, "disk");
  }

  /** All that was changed since the record was begun. */
  changes(): readonly DiskChange[] {
    return readDiskRecord(this.#record);
  }

  beginRecord(): void {
    truncateSync(this.#record, 0);
  }

  remove(): void {
    this.order.close();
    this.#temporary[Symbol.dispose]();
  }
}

/** What lives in memory alone, or holds nothing. */
const isUnrecorded = (name: string) => name.includes("-shm") || name.includes("-lock");

/** The files of a folder that the injector records. */
export function readImage(folder: string): DiskImage {
  const names = readdirSync(folder).filter((name) => !isUnrecorded(name));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}

/** Makes a folder hold these files and nothing else; a file that is there already stays the same one. */
export function writeImage(folder: string, image: DiskImage): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!image.has(name)) rmSync(join(folder, name), { recursive: true });
  for (const [name, bytes] of image) writeFileSync(join(folder, name), bytes);
}
