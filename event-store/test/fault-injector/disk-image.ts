import type { Chance } from "./chance.ts";
import type { DiskChange } from "./disk-record.ts";

/** The files of a folder, by their names. */
export type DiskImage = ReadonlyMap<string, Buffer>;

const sectorBytes = 512;

/** A file, whatever its name is at the moment. */
class ImageFile {
  bytes: Buffer;
  size: number;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.size = bytes.length;
  }

  write(offset: number, bytes: Buffer): void {
    const end = offset + bytes.length;
    if (end > this.bytes.length) {
      const larger = Buffer.alloc(2 * end);
      this.bytes.copy(larger, 0, 0, this.size);
      this.bytes = larger;
    }
    // What a file was cut to and grows over again is zeros.
    if (offset > this.size) this.bytes.fill(0, this.size, offset);
    bytes.copy(this.bytes, offset);
    this.size = Math.max(this.size, end);
  }

  truncate(size: number): void {
    if (size > this.size) this.write(size - 1, Buffer.alloc(1));
    this.size = size;
  }
}

/** The files as every process saw them after these changes. */
export function imageAfter(before: DiskImage, changes: readonly DiskChange[]): DiskImage {
  return imageOf(before, changes, () => "all");
}

/**
 * The files as a machine finds them that lost its power after these changes: what was synced is there, and of everything
 * else any part, down to single sectors; of the changes of names those before some moment, as journalling file systems keep
 * them.
 */
export function imageAfterPowerLoss(before: DiskImage, changes: readonly DiskChange[], chance: Chance): DiskImage {
  const safe = safeChanges(changes);
  const share = chance.pick([0, 0.5, 0.9, 1]);
  const unsafeNames = changes.filter((change, at) => isOfNames(change) && !safe.has(at)).length;
  let namesLeft = chance.below(unsafeNames + 1);
  return imageOf(
    before,
    changes,
    (change, at) => {
      if (safe.has(at)) return "all";
      if (isOfNames(change)) return namesLeft-- > 0 ? "all" : "nothing";
      if (chance.next() >= share) return "nothing";
      return chance.below(8) === 0 ? "part" : "all";
    },
    chance,
  );
}

function isOfNames({ kind }: DiskChange): boolean {
  return kind === "created" || kind === "unlinked" || kind === "renamed";
}

/** The places of the changes that a sync made safe. */
function safeChanges(changes: readonly DiskChange[]): ReadonlySet<number> {
  const safe = new Set<number>();
  const syncedLater = new Set<bigint>();
  let namesSyncedLater = false;
  for (const [at, change] of [...changes.entries()].reverse()) {
    if (change.kind === "synced") syncedLater.add(change.file);
    else if (change.kind === "folder synced") namesSyncedLater = true;
    else if (isOfNames(change) ? namesSyncedLater : "file" in change && syncedLater.has(change.file)) safe.add(at);
    // Another file had this inode before.
    if (change.kind === "created") syncedLater.delete(change.file);
  }
  return safe;
}

type Reached = "all" | "part" | "nothing";

function imageOf(
  before: DiskImage,
  changes: readonly DiskChange[],
  reached: (change: DiskChange, at: number) => Reached,
  chance?: Chance,
): DiskImage {
  const names = new Map([...before].map(([name, bytes]) => [name, new ImageFile(bytes)]));
  // As the processes saw them, whose calls go by the names of then.
  const seen = new Map(names);
  const files = new Map<bigint, ImageFile>();
  for (const [at, change] of changes.entries()) {
    const share = reached(change, at);
    switch (change.kind) {
      case "opened": {
        const file = seen.get(change.name);
        if (file !== undefined) files.set(change.file, file);
        break;
      }
      case "created": {
        const file = new ImageFile(Buffer.alloc(0));
        files.set(change.file, file);
        seen.set(change.name, file);
        if (share === "all") names.set(change.name, file);
        break;
      }
      case "written":
        if (share !== "nothing") files.get(change.file)?.write(change.offset, partOf(change.bytes, share, chance));
        break;
      case "truncated":
        if (share !== "nothing") files.get(change.file)?.truncate(change.size);
        break;
      case "unlinked":
        seen.delete(change.name);
        if (share === "all") names.delete(change.name);
        break;
      case "renamed":
        rename(seen, change.name, change.to);
        if (share === "all") rename(names, change.name, change.to);
        break;
      case "synced":
      case "folder synced":
      case "fault":
        break;
    }
  }
  return new Map([...names].map(([name, file]) => [name, Buffer.from(file.bytes.subarray(0, file.size))]));
}

function partOf(bytes: Buffer, share: Reached, chance: Chance | undefined): Buffer {
  if (share === "all" || chance === undefined) return bytes;
  return bytes.subarray(0, sectorBytes * chance.below(Math.ceil(bytes.length / sectorBytes)));
}

function rename(names: Map<string, ImageFile>, from: string, to: string): void {
  const file = names.get(from);
  if (file === undefined) return;
  names.delete(from);
  names.set(to, file);
}
