import { crc32 } from "node:zlib";

/** A byte for each table, so that a row of one is none of another. */
const tables = { deployments: 1, heads: 2, runs: 3, events: 4 } as const;
export type Table = keyof typeof tables;

/** A byte before each value, so that no two rows give the same bytes. */
const kinds = { none: 0, number: 1, text: 2, bytes: 3 } as const;
const numberSize = 9;
/** What stands before the bytes of a text or a blob. */
const headerSize = 5;

// Used again for each row; it grows to what the largest row takes.
let scratch = Buffer.alloc(4_096);
let view = new DataView(scratch.buffer);

/**
 * The checksum of a row: a CRC-32 over its table and the values of all columns but the checksum itself, which are those of
 * `values` from `from` on. The row's own number is among them, so a row that lands in another one's place does not pass.
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

/** Whether a row that was read is as it was stored: behind the values of its columns stands their checksum. */
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
  // No character takes more than three bytes for each of its UTF-16 units.
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
