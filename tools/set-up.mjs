// Installs missing packages of package-lock.json, and nothing else. It runs before every command of the project, so it
// needs no dependency, works on Node 20, and takes milliseconds if nothing is missing.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const major = Number(process.versions.node.split(".")[0]);
// The oldest that runs the sources as they are; an older one sets up the project and has it run on the package `node`.
const runsSources = major >= 24;
const fetchedNode = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

/** The Node that the project runs on: the machine's own from 24 on, or else the one that set-up fetches. */
export const projectNode = runsSources ? process.execPath : fetchedNode;

/** The hash of the executable that the package `node` brings; it has none for other platforms. */
const fetchedNodes = {
  "linux-x64": "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c",
  "linux-arm64": "0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584",
  "win32-x64": "ba4e6d110e8c1592a1ecd390f6b05f3da124b13871a5be62b341a07a853c6c32",
};

/** Workspaces that run on a user's machine. They bring the workspaces that they import. */
export const runningWorkspaces = ["run-service", "metrics-service", "cli", "demo", "functions/webhooks"];

/**
 * Installs what is missing: for `running` what the service, the page, the webhooks and the command line need, for `everything` also what builds
 * and tests need. Ends the process with a line of reason where that is impossible.
 */
export function setUp(level) {
  const platform = `${process.platform}-${process.arch}`;
  if (major < 20) fail(`This project needs Node 20 or newer to set itself up; this is ${process.version}.`);
  if (!runsSources && !(platform in fetchedNodes)) {
    fail(`This project needs Node 24 or newer on ${platform}; this is ${process.version}.`);
  }
  install(level, platform);
  if (!runsSources && !existsSync(fetchedNode)) fetchNode(platform);
}

const npmArguments = {
  running: [
    "--omit=dev",
    ...runningWorkspaces.map((name) => `--workspace=${name}`),
    // The root's one dependency is the package `node`.
    ...(runsSources ? [] : ["--include-workspace-root"]),
  ],
  everything: ["--include=dev"],
};

function install(level, platform) {
  const isThere = (name) => readStamp(name) === wantedStamp(name, platform);
  // A machine's newer Node may have done without it.
  const lacksNode = !runsSources && !existsSync(join(root, "node_modules", "node", "package.json"));
  if (!lacksNode && (isThere("everything") || (level === "running" && isThere("running")))) return;
  // What was installed once is kept: a start after a full installation brings all of it up to date.
  const wanted = existsSync(stampFile("everything")) ? "everything" : level;
  process.stderr.write("Installing what is missing; this takes a moment the first time.\n");
  // An installation that breaks off may leave the packages of either level half done.
  rmSync(stampFile("running"), { force: true });
  // Not `npm ci`, which refuses a lock file without the optional packages of other platforms (npm/cli#9846). This also
  // installs the locked versions and does not change the lock file.
  npm("install", "--no-save", "--loglevel=error", ...npmArguments[wanted]);
  writeFileSync(stampFile(wanted), wantedStamp(wanted, platform));
}

/** Tells what was installed last, for each level. */
function stampFile(level) {
  return join(root, "node_modules", level === "everything" ? ".set-up" : ".set-up-running");
}

function readStamp(level) {
  return existsSync(stampFile(level)) ? readFileSync(stampFile(level), "utf8") : undefined;
}

function wantedStamp(level, platform) {
  const manifests = ["package-lock.json", "package.json", "tools/set-up.mjs"];
  return createHash("sha256")
    .update(manifests.map((name) => readFileSync(join(root, name), "utf8")).join("\n"))
    .update(`${platform} ${level}`)
    .digest("hex");
}

// Install scripts are switched off in .npmrc; this one brings an executable, which is run only as it was when it was pinned. npm's
// scripts find it before the machine's Node, so one that is refused may not stay.
function fetchNode(platform) {
  npm("rebuild", "node", "--ignore-scripts=false", "--loglevel=error");
  const fault = nodeFault(fetchedNode, platform);
  if (fault === undefined) return;
  rmSync(fetchedNode);
  fail(fault);
}

/** Says in a sentence why a fetched Node is not the one that was pinned for the platform; undefined: it is. */
export function nodeFault(file, platform) {
  const found = createHash("sha256").update(readFileSync(file)).digest("hex");
  const wanted = fetchedNodes[platform];
  if (found === wanted) return undefined;
  return `${file} is not the Node that the project was tested with: its SHA-256 is ${found}, ${wanted} was expected.`;
}

function npm(...args) {
  // Output of npm goes to standard error; standard output belongs to the command.
  const { status, error } = spawnSync("npm", args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    fail(
      `\`npm ${args.join(" ")}\` failed${error ? `: ${error.message}` : ""}. Nothing was started; mend that and run the command again.`,
    );
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
