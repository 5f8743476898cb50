// Installs what package-lock.json names and is not there yet, and nothing else. It runs before every command of the project, so it
// needs no dependency, works on Node 20, and takes milliseconds when nothing is to be done.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// The packages whose install scripts are needed; all others stay switched off in .npmrc. `node` fetches the Node that
// the project runs on.
const packagesWithScripts = ["node"];

/** The folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Installs what is missing; ends the process with a line of reason where that is impossible. */
export function setUp() {
  if (Number(process.versions.node.split(".")[0]) < 20) {
    process.stderr.write(`This project needs Node 20 or newer to set itself up; this is ${process.version}.\n`);
    process.exit(1);
  }
  const stamp = join(root, "node_modules", ".set-up");
  const manifests = ["package-lock.json", "package.json", "tools/set-up.mjs"];
  const wanted = createHash("sha256")
    .update(manifests.map((name) => readFileSync(join(root, name), "utf8")).join("\n"))
    .update(`${process.platform} ${process.arch}`)
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  process.stderr.write("Installing what is missing; this takes a moment the first time.\n");
  // Not `npm ci`: it refuses a lock file that lacks the optional packages of other platforms (npm/cli#9846). This takes
  // the locked versions all the same and leaves the lock file as it is.
  npm("install", "--no-save", "--include=dev", "--loglevel=error");
  npm("rebuild", ...packagesWithScripts, "--ignore-scripts=false", "--loglevel=error");
  writeFileSync(stamp, wanted);
}

function npm(...args) {
  // npm's own chatter goes to standard error, so that a command's output stays the command's own.
  const { status, error } = spawnSync("npm", args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    process.stderr.write(
      `\`npm ${args.join(" ")}\` failed${error ? `: ${error.message}` : ""}. Nothing was started; mend that and run the command again.\n`,
    );
    process.exit(1);
  }
}
