import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type FaultKind, faultKinds } from "./fault-order.ts";

/** One change of the files below the injector's root, as fault-injector.c records it; `file` is an inode. */
export type DiskChange =
  | { readonly kind: "opened" | "created"; readonly file: bigint; readonly name: string }
  | { readonly kind: "written"; readonly file: bigint; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "truncated"; readonly file: bigint; readonly size: number }
  | { readonly kind: "synced"; readonly file: bigint }
  | { readonly kind: "unlinked"; readonly name: string }
  | { readonly kind: "renamed"; readonly name: string; readonly to: string }
  | { readonly kind: "folder synced" }
  | { readonly kind: "fault"; readonly fault: FaultKind; readonly role: number; readonly offset: number };

const headBytes = 24;

/** All changes that the injector recorded, in their order. */
export function readDiskRecord(path: string): readonly DiskChange[] {
  const record = readFileSync(path);
  const changes: DiskChange[] = [];
  for (let at = 0; at < record.length; ) {
    const length = record.readUInt32LE(at + 4);
    const payload = record.subarray(at + headBytes, at + headBytes + length);
    const file = record.readBigUInt64LE(at + 8);
    const offset = Number(record.readBigUInt64LE(at + 16));
    changes.push(changeOf(record.readUInt32LE(at), { file, offset, payload }));
    at += headBytes + length;
  }
  return changes;
}

function changeOf(
  kind: number,
  { file, offset, payload }: { readonly file: bigint; readonly offset: number; readonly payload: Buffer },
): DiskChange {
  const names = () =>
    payload
      .toString()
      .split("\n")
      .map((path) => basename(path));
  switch (kind) {
    case 1:
    case 2:
      return { kind: kind === 1 ? "opened" : "created", file, name: names()[0] ?? "" };
    case 3:
      return { kind: "written", file, offset, bytes: payload };
    case 4:
      return { kind: "truncated", file, size: offset };
    case 5:
      return { kind: "synced", file };
    case 6:
      return { kind: "unlinked", name: names()[0] ?? "" };
    case 7:
      return { kind: "renamed", name: names()[0] ?? "", to: names()[1] ?? "" };
    case 8:
      return { kind: "folder synced" };
    case 9:
      return {
        kind: "fault",
        fault: faultKinds[payload.readUInt32LE(0)] as FaultKind,
        role: payload.readUInt32LE(4),
        offset,
      };
    default:
      throw new Error(`the injector recorded a change of kind ${kind}`);
  }
}
