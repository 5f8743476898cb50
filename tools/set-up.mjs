// Installs missing packages of package-lock.json, and nothing else. It runs before every command of the project, so it
// needs no dependency, works on Node 20, and takes milliseconds if nothing is missing.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Packages whose install scripts run; .npmrc turns off all others. `node` downloads the project's Node.
const packagesWithScripts = ["node"];

/** Folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Installs missing packages; if impossible, exits with the reason. */
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
  // Not `npm ci`, which refuses a lock file without the optional packages of other platforms (npm/cli#9846). This also
  // installs the locked versions and does not change the lock file.
  npm("install", "--no-save", "--include=dev", "--loglevel=error");
  npm("rebuild", ...packagesWithScripts, "--ignore-scripts=false", "--loglevel=error");
  writeFileSync(stamp, wanted);
}

function npm(...args) {
  // Output of npm goes to standard error; standard output belongs to the command.
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
