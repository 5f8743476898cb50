import { execFileSync } from "node:child_process";
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/**
 * Copies the repository to a separate folder, where files may be broken. Installed packages are links to the originals;
 * the links of workspaces lead to their copies.
 */
export function makeWorkingCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), "activity-events-mutation-"));
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of files.split("\n").filter((line) => line !== "")) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file), { verbatimSymlinks: true });
  }
  const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const folder of [".", ...workspaces])
    linkPackages(join(root, folder, "node_modules"), join(copy, folder, "node_modules"));
  return copy;
}

export function removeWorkingCopy(copy: string): void {
  rmSync(copy, { recursive: true, force: true });
}

function linkPackages(from: string, to: string): void {
  if (!lstatSync(from, { throwIfNoEntry: false })?.isDirectory()) return;
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    // Links of workspaces are relative to this folder.
    if (name === "@activity-events")
      cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
    else symlinkSync(join(from, name), join(to, name));
  }
}
