// `npm run push-image -- TAG FILE`: pushes an image with docker, and writes its name by digest into the file.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const [tag, file] = process.argv.slice(2);
if (file === undefined) fail("Expected the image's tag and the file for its digest.");
docker("push", tag);
const [name] = docker("image", "inspect", "--format", '{{join .RepoDigests "\\n"}}', tag)
  .split("\n")
  .filter((digest) => digest.startsWith(`${tag.replace(/:[^/:]+$/, "")}@`));
if (name === undefined) fail(`docker knows no digest of ${tag} after the push.`);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, name);
process.stdout.write(`${name}\n`);

function docker(...args) {
  const { status, stdout, error } = spawnSync("docker", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) fail(`docker ${args[0]} failed${error ? `: ${error.message}` : "."}`);
  return stdout;
}

function fail(message) {
  process.stderr.write(`push-image: ${message}\n`);
  process.exit(1);
}
