import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ConfigError } from "./config-error.ts";

// Opens a FIFO at once instead of waiting for its writer. Windows has neither the flag nor such files.
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A file that a setting names. */
interface NamedFile {
  /** Name of the setting, for messages. */
  readonly name: string;
  readonly path: string;
  readonly bytesMax: number;
}

/** Reads the text of a file that a setting names. Throws a ConfigError if it is no file, cannot be read, or is too large. */
export async function readTextFile(named: NamedFile): Promise<string> {
  const { name, path } = named;
  try {
    await using file = await open(path, openFlags);
    return await readText(named, file);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`${name} ${path} ${reasonOf(error as NodeJS.ErrnoException)}`]);
  }
}

async function readText({ name, path, bytesMax }: NamedFile, file: FileHandle): Promise<string> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new ConfigError([`${name} ${path} is ${stats.isDirectory() ? "a folder" : "no file"}`]);
  // The size of a file in a mounted volume may be unknown, so read on until it is too large.
  const buffer = Buffer.alloc(bytesMax + 1);
  let length = 0;
  for (let more = 1; more > 0 && length < buffer.length; length += more) {
    ({ bytesRead: more } = await file.read(buffer, length, buffer.length - length, length));
  }
  if (length > bytesMax) throw new ConfigError([`${name} ${path} has more than ${bytesMax} bytes`]);
  return buffer.toString("utf8", 0, length).replace(/^\uFEFF/, "");
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return "does not exist";
  if (code === "EISDIR") return "is a folder";
  if (code === "EACCES" || code === "EPERM") return "may not be read by this user";
  return `cannot be read (${code ?? message})`;
}
