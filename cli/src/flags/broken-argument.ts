import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";

/**
 * Returns the position, from 1, of the first argument that is not UTF-8; undefined if there is none or the system cannot
 * tell. Node replaces invalid bytes with U+FFFD, so this reads /proc/self/cmdline.
 */
export function brokenArgument(args: readonly string[]): number | undefined {
  if (!args.some((arg) => arg.includes("\ufffd"))) return undefined;
  try {
    const all = readFileSync("/proc/self/cmdline", "latin1").split("\0").slice(0, -1);
    const index = all.slice(-args.length).findIndex((arg) => !isUtf8(Buffer.from(arg, "latin1")));
    return index < 0 ? undefined : index + 1;
  } catch {
    // Only Linux has this file.
    return undefined;
  }
}
