import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { StoreFaultError } from "../../store-error.ts";

// Pages of a database: sqlite.org/fileformat2.html#b_tree_pages.
const leafTypes = [0x0a, 0x0d];
const interiorTypes = [0x02, 0x05];

/**
 * Overwrites the unallocated parts of a database's pages. SQLite overwrites what it deletes (PRAGMA secure_delete), but not the
 * copies that it leaves where it has moved rows to another page.
 */
export class Unallocated {
  readonly #file: string;
  #descriptor: number | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Overwrites them durably in all trees with these root pages, and returns the number of overwritten pages. The caller holds the file's
   * write lock, its log is empty, and no connection that writes has pages of it in its cache. Throws STORE_DAMAGED for a page that is not one of a
   * tree.
   */
  overwrite(roots: readonly number[]): number {
    // Never closed while the file is open with SQLite: that would release the locks of all connections of the process.
    this.#descriptor ??= openSync(this.#file, "r+");
    const descriptor = this.#descriptor;
    const header = Buffer.alloc(100);
    readSync(descriptor, header, 0, header.length, 0);
    const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    const zeros = Buffer.alloc(pageBytes);
    const page = Buffer.alloc(pageBytes);
    const left = [...roots];
    let overwritten = 0;
    for (let number = left.pop(); number !== undefined; number = left.pop()) {
      const position = (number - 1) * pageBytes;
      if (readSync(descriptor, page, 0, pageBytes, position) < pageBytes) throw damagedPage(number);
      const { gap, children } = partsOf(page, number);
      left.push(...children.reverse());
      if (gap.size === 0 || page.compare(zeros, 0, gap.size, gap.start, gap.start + gap.size) === 0) continue;
      writeSync(descriptor, zeros, 0, gap.size, position + gap.start);
      overwritten += 1;
    }
    if (overwritten > 0) fsyncSync(descriptor);
    return overwritten;
  }

  /** After all connections of the process are closed. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** Returns the unallocated part of a page, between its cell pointers and its cells, and its child pages. */
function partsOf(page: Buffer, number: number) {
  const type = page[0] as number;
  const isInterior = interiorTypes.includes(type);
  if (!isInterior && !leafTypes.includes(type)) throw damagedPage(number);
  const cells = page.readUInt16BE(3);
  const pointersAt = isInterior ? 12 : 8;
  const start = pointersAt + 2 * cells;
  const size = (page.readUInt16BE(5) || 65_536) - start;
  if (size < 0 || start + size > page.length) throw damagedPage(number);
  const children: number[] = [];
  if (isInterior) {
    for (let cell = 0; cell < cells; cell += 1) {
      const at = page.readUInt16BE(pointersAt + 2 * cell);
      if (at < start + size || at + 4 > page.length) throw damagedPage(number);
      children.push(page.readUInt32BE(at));
    }
    children.push(page.readUInt32BE(8));
  }
  return { gap: { start, size }, children };
}

function damagedPage(number: number): StoreFaultError {
  return new StoreFaultError("STORE_DAMAGED", `page ${number} of the store's file is not as SQLite wrote it`);
}
