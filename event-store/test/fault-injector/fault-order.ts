import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** What the disk does wrong, by the numbers of fault-injector.c. */
export const faultKinds = [
  "none",
  "flipped read",
  "stale read",
  "failed read",
  "flipped write",
  "torn write",
  "dropped write",
  "misplaced write",
  "swapped write",
  "failed write",
  "full disk",
  "lying sync",
  "failed sync",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** The files that a fault strikes, by the bits of fault-injector.c. */
export const fileRoles = { database: 1, log: 2, other: 4 } as const;

export type FileRole = keyof typeof fileRoles;

export interface FaultOrder {
  readonly fault: FaultKind;
  readonly role: FileRole;
  /** Calls of the fault's kind on these files that pass before it strikes. */
  readonly after: number;
  /** How many calls it strikes, one after the other. */
  readonly times: number;
  readonly seed: number;
}

const words = 6;

/** The file by which a test tells the injector what to do while the process runs. */
export class OrderFile {
  readonly path: string;
  readonly #descriptor: number;
  #given = false;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, "w+", 0o600);
    this.withdraw();
  }

  give({ fault, role, after, times, seed }: FaultOrder): void {
    this.#given = true;
    this.#write([faultKinds.indexOf(fault), fileRoles[role], after, times, seed, 0]);
  }

  /** From now on the disk does what it should. */
  withdraw(): void {
    this.#given = false;
    this.#write([0, 0, 0, 0, 0, 0]);
  }

  /** Whether something is ordered, though it may have struck. */
  get isGiven(): boolean {
    return this.#given;
  }

  /** How often the fault has struck since it was ordered. */
  get struck(): number {
    const all = Buffer.alloc(4 * words);
    readSync(this.#descriptor, all, 0, all.length, 0);
    return all.readUInt32LE(4 * (words - 1));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #write(values: readonly number[]): void {
    writeSync(this.#descriptor, Buffer.from(Uint32Array.from(values).buffer), 0, 4 * words, 0);
  }
}
