import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import archiver from "archiver";
import { build } from "esbuild";
import { scriptArguments } from "./script-arguments.mjs";
import { thirdPartyLicenses } from "./third-party-licenses.mjs";

const root = join(import.meta.dirname, "..");
const { positionals } = scriptArguments("package-mirror", {
  usage: `Usage: npm run package-mirror [-- FILE]

Bundles the function mirror into FILE or dist/mirror.zip, for Terraform and gcloud functions deploy. Equal sources and
versions give equal bytes, so the hash of the file can name it.`,
});
const file = resolve(positionals[0] ?? join(root, "dist", "mirror.zip"));
// It keeps registered functions in its own module, so there must be only the platform's copy.
const framework = "@google-cloud/functions-framework";
const readJson = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

const lock = readJson("package-lock.json");
const { version } = readJson("functions/mirror/package.json");
const manifest = {
  name: "activity-events-mirror",
  version,
  private: true,
  type: "module",
  main: "index.js",
  engines: { node: "24.x" },
  dependencies: { [framework]: lock.packages[`node_modules/${framework}`].version },
};

const { index, sources } = await bundle();
const files = {
  LICENSE: readFileSync(join(root, "LICENSE")),
  "THIRD-PARTY-LICENSES": thirdPartyLicenses(sources),
  "index.js": index,
  "package-lock.json": toText(lockOf(manifest)),
  "package.json": toText(manifest),
};
mkdirSync(dirname(file), { recursive: true });
const archive = archiver("zip", { zlib: { level: 9 } });
for (const [name, content] of Object.entries(files)) {
  // Earliest time that a zip can hold.
  archive.append(content, { name, date: new Date("1980-01-01T00:00:00Z"), mode: 0o644 });
}
archive.finalize();
await pipeline(archive, createWriteStream(file));
process.stdout.write(`${file}\n`);

/** Bundles the function and its imports into one file, unminified for readable stack traces. */
async function bundle() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["functions/mirror/src/main.ts"],
    outfile: "index.js",
    write: false,
    metafile: true,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    external: [framework],
    // Globals that bundled CommonJS modules expect.
    banner: {
      js: [
        'import { createRequire } from "node:module";',
        "const require = createRequire(import.meta.url);",
        "const { filename: __filename, dirname: __dirname } = import.meta;",
      ].join("\n"),
    },
  });
  return { index: Buffer.from(outputFiles[0].contents), sources: Object.keys(metafile.inputs) };
}

/** Reduces our lock file to the manifest's dependencies, so that the platform installs the tested versions. */
function lockOf({ name, version, engines, dependencies }) {
  const reached = new Set();
  const reach = (from, dependency) => {
    const path = pathsUpwards(from, dependency).find((candidate) => candidate in lock.packages);
    if (path === undefined) throw new Error(`package-lock.json holds no ${dependency} for ${from || "the function"}`);
    if (reached.has(path)) return;
    reached.add(path);
    for (const next of Object.keys(lock.packages[path].dependencies ?? {})) reach(path, next);
  };
  for (const dependency of Object.keys(dependencies)) reach("", dependency);
  const packages = { "": { name, version, dependencies, engines } };
  for (const path of [...reached].sort()) {
    // Development dependencies of ours are not the function's.
    packages[path] = { ...lock.packages[path], dev: undefined, devOptional: undefined, peer: undefined };
  }
  return { name, version, lockfileVersion: lock.lockfileVersion, requires: true, packages };
}

/** Returns the paths where Node looks for a dependency of the package at `from`, nearest first. */
function pathsUpwards(from, dependency) {
  const paths = [];
  for (let at = from; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    paths.push(`${at}/node_modules/${dependency}`);
  }
  return [...paths, `node_modules/${dependency}`];
}

function toText(json) {
  return `${JSON.stringify(json, undefined, 2)}\n`;
}
