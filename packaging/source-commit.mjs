import { spawnSync } from "node:child_process";

/**
 * The commit that a build is made of: what REVISION says, else the checkout's, with `-dirty` behind it when tracked files
 * are not as it has them. Undefined outside of both.
 */
export function sourceCommit() {
  if (process.env.REVISION) return process.env.REVISION;
  const git = (...args) => spawnSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" });
  const { status, stdout } = git("rev-parse", "HEAD");
  if (status !== 0) return undefined;
  return stdout.trim() + (git("status", "--porcelain", "--untracked-files=no").stdout === "" ? "" : "-dirty");
}
