import { crc32 } from "node:zlib";

/**
 * One byte per table, so that a row of one never passes for a row of another. `editedHeads` are rows of `heads` beside
 * which there is one of `edits`.
 */
const tables = { deployments: 1, heads: 2, runs: 3, events: 4, edits: 5, keys: 6, editedHeads: 7 } as const;
export type Table = keyof typeof tables;

/** A byte before each value, so that no two rows give the same bytes. */
const kinds = { none: 0, number: 1, text: 2, bytes: 3 } as const;
const numberSize = 9;
/** Length before the bytes of a text or blob. */
const headerSize = 5;

// Reused for each row; grows to the largest.
let scratch = Buffer.alloc(4_096);
let view = new DataView(scratch.buffer);

/**
 * Computes the checksum of a row: a CRC-32 over its table and the values of all columns except the checksum, which are
 * in `values` from `from` on. They include the row's own number, so a row in another one's place fails.
 */
export function rowChecksum(table: Table, values: readonly unknown[], from: number, columns: number): number {
  scratch[0] = tables[table];
  let at = 1;
  for (let place = from; place < from + columns; place += 1) {
    const value = values[place];
    if (typeof value === "number") at = putNumber(at, value);
    else if (typeof value === "string") at = putText(at, value);
    else if (value instanceof Uint8Array) at = putBytes(at, value);
    else at = putNone(at);
  }
  return crc32(scratch.subarray(0, at));
}

/** Verifies a row as read: the checksum follows the values of its columns. */
export function isWholeRow(table: Table, row: readonly unknown[], from: number, columns: number): boolean {
  return row[from + columns] === rowChecksum(table, row, from, columns);
}

function putNone(at: number): number {
  makeRoom(at + 1);
  scratch[at] = kinds.none;
  return at + 1;
}

function putNumber(at: number, value: number): number {
  makeRoom(at + numberSize);
  scratch[at] = kinds.number;
  view.setFloat64(at + 1, value, true);
  return at + numberSize;
}

function putText(at: number, value: string): number {
  // A character has at most three bytes per UTF-16 unit.
  makeRoom(at + headerSize + 3 * value.length);
  const size = scratch.write(value, at + headerSize);
  return putHeader(at, kinds.text, size) + size;
}

function putBytes(at: number, value: Uint8Array): number {
  makeRoom(at + headerSize + value.length);
  scratch.set(value, at + headerSize);
  return putHeader(at, kinds.bytes, value.length) + value.length;
}

function putHeader(at: number, kind: number, size: number): number {
  scratch[at] = kind;
  view.setUint32(at + 1, size, true);
  return at + headerSize;
}

function makeRoom(size: number): void {
  if (size <= scratch.length) return;
  const larger = Buffer.alloc(2 * size);
  larger.set(scratch);
  scratch = larger;
  view = new DataView(scratch.buffer);
}
