import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ConfigError } from "./config-error.ts";

// Opens a FIFO at once instead of waiting for its writer. Windows has neither the flag nor such files.
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A file that a setting names. */
interface NamedFile {
  /** Name of the setting. */
  readonly setting: string;
  readonly path: string;
  readonly bytesMax: number;
}

/** Reads the text of a file that a setting names. Throws a ConfigError if it is no file, cannot be read, or is too large. */
export async function readNamedFile({ setting, path, bytesMax }: NamedFile): Promise<string> {
  const fault = (words: string) => new ConfigError([`${setting} ${path} ${words}`]);
  try {
    await using file = await open(path, openFlags);
    const stats = await file.stat();
    if (!stats.isFile()) throw fault(`is ${stats.isDirectory() ? "a folder" : "no file"}`);
    const text = await readText(file, bytesMax);
    if (text === undefined) throw fault(`has more than ${bytesMax} bytes`);
    return text;
  } catch (error) {
    throw error instanceof ConfigError ? error : fault(reasonOf(error as NodeJS.ErrnoException));
  }
}

/** Returns undefined if the file is too large. */
async function readText(file: FileHandle, bytesMax: number): Promise<string | undefined> {
  // The size of a file in a mounted volume may be unknown, so read on until it is too large.
  const buffer = Buffer.alloc(bytesMax + 1);
  let length = 0;
  for (let more = 1; more > 0 && length < buffer.length; length += more) {
    ({ bytesRead: more } = await file.read(buffer, length, buffer.length - length, length));
  }
  return length > bytesMax ? undefined : buffer.toString("utf8", 0, length).replace(/^\uFEFF/, "");
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return "does not exist";
  if (code === "EISDIR") return "is a folder";
  if (code === "EACCES" || code === "EPERM") return "may not be read by this user";
  return `cannot be read (${code ?? message})`;
}
