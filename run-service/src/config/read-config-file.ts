import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ConfigError } from "@activity-events/process/config-error";
import { limits } from "../limits.ts";

// Opens a FIFO at once instead of waiting for its writer. Windows has neither the flag nor such files.
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Reads the text of CONFIG_FILE. Throws a ConfigError if it is no file, cannot be read, or is too large. */
export async function readConfigFile(path: string): Promise<string> {
  try {
    await using file = await open(path, openFlags);
    return await readText(path, file);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`CONFIG_FILE ${path} ${reasonOf(error as NodeJS.ErrnoException)}`]);
  }
}

async function readText(path: string, file: FileHandle): Promise<string> {
  const stats = await file.stat();
  if (!stats.isFile())
    throw new ConfigError([`CONFIG_FILE ${path} is ${stats.isDirectory() ? "a folder" : "no file"}`]);
  // The size of a file in a mounted volume may be unknown, so read on until it is too large.
  const buffer = Buffer.alloc(limits.configFileBytesMax + 1);
  let length = 0;
  for (let more = 1; more > 0 && length < buffer.length; length += more) {
    ({ bytesRead: more } = await file.read(buffer, length, buffer.length - length, length));
  }
  if (length > limits.configFileBytesMax)
    throw new ConfigError([`CONFIG_FILE ${path} has more than ${limits.configFileBytesMax} bytes`]);
  return buffer.toString("utf8", 0, length).replace(/^\uFEFF/, "");
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return "does not exist";
  if (code === "EISDIR") return "is a folder";
  if (code === "EACCES" || code === "EPERM") return "may not be read by this user";
  return `cannot be read (${code ?? message})`;
}
