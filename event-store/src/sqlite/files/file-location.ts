import { pathToFileURL } from "node:url";
import { sizeOf } from "./file-header.ts";

/** How a file that is there is opened: to write, to read beside who writes, or as if nobody ever wrote it, without its log. */
type Mode = "rw" | "ro" | "ro&immutable=1";

/** The location of a store's file for SQLite, which is not to make one. */
export function locationOf(file: string, mode: Mode): URL {
  const location = pathToFileURL(file);
  location.search = `mode=${mode}`;
  return location;
}

/** Whether a write-ahead log with something in it lies beside a store's file. */
export function hasLog(file: string): boolean {
  return (sizeOf(`${file}-wal`) ?? 0) > 0;
}
