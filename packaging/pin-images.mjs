// A tag names another image tomorrow, a digest never does.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageEngine } from "./image-engine.mjs";
import { imageNames, withDigests } from "./image-names.mjs";
import { scriptArguments } from "./script-arguments.mjs";
import { scriptMessages } from "./script-messages.mjs";

const { fail } = scriptMessages("pin-images");
const root = join(import.meta.dirname, "..");
const { positionals: flags } = scriptArguments("pin-images", {
  usage: `Usage: npm run pin-images [-- -- FLAG ...]

Asks the registries which images the tags in the Dockerfiles and builds name today, and writes their digests beside the tags.
Needs docker with an engine that answers, or skopeo (Debian: apt-get install skopeo). The flags go to it.`,
});

const digestOf = imageEngine() === "docker" ? askWithDocker : askWithSkopeo;
const images = imageNames(root);
const digests = new Map();
for (const { name } of images) {
  if (!digests.has(name)) digests.set(name, digestOf(name));
}
// Only when all are known: half of them would be neither yesterday's build nor today's.
for (const file of new Set(images.map(({ file }) => file))) {
  writeFileSync(join(root, file), withDigests(readFileSync(join(root, file), "utf8"), digests));
}
for (const [name, digest] of digests) process.stdout.write(`${name}@${digest}\n`);

function askWithDocker(name) {
  return ask("docker", name, "buildx", "imagetools", "inspect", ...flags, "--format", "{{.Manifest.Digest}}", name);
}

function askWithSkopeo(name) {
  return ask("skopeo", name, "inspect", ...flags, "--no-tags", "--format", "{{.Digest}}", `docker://${name}`);
}

function ask(command, name, ...args) {
  const { status, stdout, error } = spawnSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (error?.code === "ENOENT")
    fail("this needs docker with an engine that answers, or skopeo (Debian: apt-get install skopeo).");
  const digest = stdout?.trim() ?? "";
  if (status !== 0 || !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    fail(`${command} found no digest of ${name}${error ? `: ${error.message}` : ""}; nothing is changed.`);
  }
  return digest;
}
