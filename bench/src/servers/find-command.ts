import { accessSync, constants, globSync } from "node:fs";
import { delimiter, join } from "node:path";
import { MissingToolError } from "../contender.ts";

interface FindCommandOptions {
  /** Debian package of the command. */
  readonly debianPackage: string;
  /** Further folders to search, as a glob; the last by name is used, before PATH. */
  readonly alsoIn?: string;
}

/** Returns the path of a command; throws a MissingToolError with the line that installs it. */
export function findCommand(name: string, { debianPackage, alsoIn }: FindCommandOptions): string {
  const own = alsoIn === undefined ? [] : globSync(alsoIn).sort().reverse();
  const folders = [...own, ...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found !== undefined) return found;
  throw new MissingToolError(`${name} is missing; apt-get install ${debianPackage}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
