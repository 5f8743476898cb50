import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";

/**
 * The place of the first argument that is not UTF-8, counted from 1; undefined when there is none, or when nobody can tell. Node
 * hands such arguments over with U+FFFD in place of what it cannot read. Source: /proc/self/cmdline.
 */
export function brokenArgument(args: readonly string[]): number | undefined {
  if (!args.some((arg) => arg.includes("\ufffd"))) return undefined;
  try {
    const all = readFileSync("/proc/self/cmdline", "latin1").split("\0").slice(0, -1);
    const index = all.slice(-args.length).findIndex((arg) => !isUtf8(Buffer.from(arg, "latin1")));
    return index < 0 ? undefined : index + 1;
  } catch {
    // Only Linux has it.
    return undefined;
  }
}
