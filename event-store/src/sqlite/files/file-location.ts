import { pathToFileURL } from "node:url";
import { sizeOf } from "./file-header.ts";

/** Mode of opening an existing file: to write, to read beside a writer, or as if it never changed, without its log. */
type Mode = "rw" | "ro" | "ro&immutable=1";

/** Returns SQLite's location of a store's file, which must exist. */
export function locationOf(file: string, mode: Mode): URL {
  const location = pathToFileURL(file);
  location.search = `mode=${mode}`;
  return location;
}

/** Tells whether a non-empty write-ahead log is beside a store's file. */
export function hasLog(file: string): boolean {
  return (sizeOf(`${file}-wal`) ?? 0) > 0;
}
