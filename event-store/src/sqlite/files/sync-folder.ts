import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** Makes created, renamed and removed names in a file's folder durable. Windows does so itself. */
export function syncFolderOf(file: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Makes the content of a file durable. */
export function syncFile(file: string): void {
  const descriptor = openSync(file, "r+");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
