import { StoreOpenError } from "../../store-error.ts";
import { applicationId } from "../migrations/schema.ts";
import { type FileHeader, readFileHeader, sizeOf } from "./file-header.ts";
import { hasLog } from "./file-location.ts";
import { checkPlainFile } from "./plain-files.ts";

const usualWay = "restore a copy with activity_server restore FILE, or set DATA_DIR";

/** Reads the header of a store's file. Throws StoreOpenError, with the way out, for anything else. */
export function readStoreHeader(file: string, way = usualWay): FileHeader {
  checkPlainFile(file);
  if (sizeOf(file) === undefined) throw new StoreOpenError(`there is no store ${file}`);
  const header = readFileHeader(file);
  if (header.isSqlite && header.applicationId === applicationId && header.isKnownFormat) return header;
  const why = sizeOf(file) === 0 ? ": it is empty" : ", or its header is damaged";
  throw new StoreOpenError(`${file} is not an event store${why}; ${way}`);
}

/** Says how much of a file is there if its end is missing. As for readFileHeader, the file must not be open. */
export function cutOffOf(file: string): string | undefined {
  const found = sizeOf(file);
  // A log may still have the end.
  if (found === undefined || hasLog(file)) return undefined;
  const { bytes = 0 } = readFileHeader(file);
  return found < bytes ? `it is cut off: ${found} of ${bytes} bytes are there` : undefined;
}
