import { spawnSync } from "node:child_process";

/**
 * Returns the commit of a build: REVISION, otherwise that of the checkout, with the suffix `-dirty` if tracked files
 * differ. Undefined without both.
 */
export function sourceCommit() {
  if (process.env.REVISION) return process.env.REVISION;
  const git = (...args) => spawnSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" });
  const { status, stdout } = git("rev-parse", "HEAD");
  if (status !== 0) return undefined;
  return stdout.trim() + (git("status", "--porcelain", "--untracked-files=no").stdout === "" ? "" : "-dirty");
}
