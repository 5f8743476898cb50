import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { ExposedPath } from "@activity-events/event-store";

/** 32 random bytes in base64url. */
const tokenBytes = 32;
const form = /^[\w-]{43}$/;

/** The admin token, and its file if others than its owner may access it. */
export interface AdminTokenFile {
  readonly token: string;
  readonly exposed: readonly ExposedPath[];
}

/**
 * Reads the admin token's file, and makes it if it is not there: whole or not at all, for its owner alone. Throws an error of one
 * sentence if it can neither be read nor made, or holds something else.
 */
export async function openAdminToken(path: string): Promise<AdminTokenFile> {
  const text = (await read(path)) ?? (await make(path));
  const token = text.trimEnd();
  if (!form.test(token)) {
    throw new Error(`${path} holds no admin token; remove it, and the next start makes a new one`);
  }
  const mode = (await stat(path)).mode & 0o777;
  return { token, exposed: (mode & 0o077) === 0 ? [] : [{ path, mode: mode.toString(8).padStart(4, "0") }] };
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`cannot read the admin token: ${(error as Error).message}`, { cause: error });
  }
}

async function make(path: string): Promise<string> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(`${randomBytes(tokenBytes).toString("base64url")}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike a rename it replaces nothing: another service may make one at the same time.
    await link(draft, path).catch(unlessThere);
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Error(`cannot make the admin token: ${(error as Error).message}`, { cause: error });
  } finally {
    await rm(draft, { force: true });
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
