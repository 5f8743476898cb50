import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  createWriteStream,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import archiver from "archiver";
import { changesOf } from "./changes-of.mjs";
import { copyContract } from "./copy-contract.mjs";
import { emptyFolder } from "./empty-folder.mjs";
import { imageEngine, noImageEngine } from "./image-engine.mjs";
import { imageNames } from "./image-names.mjs";
import { makeBillOfMaterials } from "./make-bill-of-materials.mjs";
import { scriptArguments } from "./script-arguments.mjs";
import { scriptMessages } from "./script-messages.mjs";
import { sha256Of } from "./sha256-of.mjs";

const { fail } = scriptMessages("release");
const root = join(import.meta.dirname, "..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { values, positionals } = scriptArguments("release", {
  usage: `Usage: npm run release [-- [OPTION ...] [-- FLAG ...]]

Makes in dist/release all that a release publishes, from the checkout of the tag vVERSION. Needs helm and, for the image,
docker or buildah. The flags are those of npm run image.

  --dry-run          from any checkout, with the notes under Unreleased
  --folder FOLDER    another folder, which must be empty or not there yet
  --only PLATFORM    binaries of this platform alone, such as linux-x64; may be repeated
  --without-image    no image`,
  options: {
    "dry-run": { type: "boolean", default: false },
    folder: { type: "string", default: join(root, "dist", "release") },
    only: { type: "string", multiple: true, default: [] },
    "without-image": { type: "boolean", default: false },
  },
});
const folder = resolve(values.folder);
const engine = values["without-image"]
  ? undefined
  : (imageEngine() ?? fail(`${noImageEngine}; or leave it out: --without-image.`));
const isDry = values["dry-run"];
if (spawnSync("helm", ["version"], { stdio: "ignore" }).status !== 0) fail("this needs helm, which packs the chart.");
if (!isDry) {
  checkTag();
  checkImages();
}
const notes = changesOf(readFileSync(join(root, "CHANGELOG.md"), "utf8"), isDry ? "Unreleased" : version);
if (notes === undefined) fail(`CHANGELOG.md has no entries under ${isDry ? "Unreleased" : version}.`);

emptyFolder(values.folder, fail);
const scratch = mkdtempSync(join(tmpdir(), "activity-events-release-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

writeFileSync(join(folder, "RELEASE_NOTES.md"), `${notes}\n`);
makeBinaries();
if (engine !== undefined) makeImage();
run("helm", "package", join(root, "charts", "activity-events"), "--destination", folder);
script("pack-client.mjs", folder);
script("package-mirror.mjs", join(folder, `activity-events-mirror-${version}.zip`));
await makeContract();
writeFileSync(join(folder, `activity-events-${version}.cdx.json`), await makeBillOfMaterials());
await writeSums();
process.stdout.write(
  `${readdirSync(folder)
    .map((file) => join(folder, file))
    .join("\n")}\n`,
);

/** The release is what its tag names, and nothing else. */
function checkTag() {
  const changed = git("status", "--porcelain", "--untracked-files=no");
  if (changed !== "") fail(`the checkout has changes:\n${changed}\nCommit them, or make a dry run: --dry-run.`);
  const tags = git("tag", "--points-at", "HEAD").split("\n");
  if (!tags.includes(`v${version}`))
    fail(`the checkout is not that of the tag v${version}. Tag it, or make a dry run: --dry-run.`);
}

/** What is built tomorrow must be what was built today. */
function checkImages() {
  const loose = imageNames(root).filter(({ digest }) => digest === undefined);
  if (loose.length === 0) return;
  const names = loose.map(({ file, name }) => `${file}: ${name}`).join("\n");
  fail(`images without a digest:\n${names}\nnpm run pin-images writes the digests; commit them before the tag.`);
}

function makeBinaries() {
  const made = join(scratch, "binaries");
  script("binaries.mjs", "--folder", made, ...values.only.flatMap((platform) => ["--only", platform]));
  for (const file of readdirSync(made)) {
    if (file !== "SHA256SUMS") copyFileSync(join(made, file), join(folder, file));
  }
}

/** As an archive that docker and podman load. */
function makeImage() {
  const tag = `activity-events:${version}`;
  script("image.mjs", "--tag", tag, ...positionals);
  const archive = join(folder, `activity-events-${version}-image.tar`);
  if (engine === "docker") run("docker", "save", "--output", archive, tag);
  else run("buildah", "push", tag, `docker-archive:${archive}:${tag}`);
}

/** What a client in any language is generated from. */
async function makeContract() {
  const contract = join(scratch, "contract");
  copyContract(contract);
  const archive = archiver("zip", { zlib: { level: 9 } });
  archive.directory(contract, false, (entry) => ({ ...entry, date: new Date("1980-01-01T00:00:00Z") }));
  archive.finalize();
  await pipeline(archive, createWriteStream(join(folder, `activity-events-proto-${version}.zip`)));
}

async function writeSums() {
  const lines = [];
  for (const file of readdirSync(folder).sort()) lines.push(`${await sha256Of(join(folder, file))}  ${file}\n`);
  writeFileSync(join(folder, "SHA256SUMS"), lines.join(""));
}

function script(name, ...args) {
  run(process.execPath, join(import.meta.dirname, name), ...args);
}

function git(...args) {
  const { status, stdout, error } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  if (status !== 0) fail(`git ${args[0]} failed${error ? `: ${error.message}` : "."}`);
  return stdout.trimEnd();
}

function run(command, ...args) {
  // What they print is for people; the output is the release's files.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) fail(`${command} ${args.slice(0, 2).join(" ")} failed${error ? `: ${error.message}` : "."}`);
}
