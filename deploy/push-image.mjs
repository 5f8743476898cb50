import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { imageEngine, noImageEngine } from "../packaging/image-engine.mjs";
import { scriptArguments } from "../packaging/script-arguments.mjs";
import { scriptMessages } from "../packaging/script-messages.mjs";

const { fail } = scriptMessages("push-image");
const { positionals } = scriptArguments("push-image", {
  usage: `Usage: npm run push-image -- TAG FILE [-- FLAG ...]

Pushes an image, REGISTRY/NAME:TAG, with the engine that built it, docker or buildah. Prints its name by digest and writes it
to the file. The flags go to the engine.`,
});
const [tag, file, ...flags] = positionals;
// Without a registry the image would go to Docker Hub.
if (file === undefined || !/^[^/]*[.:][^/]*\/[^@]+$/.test(tag)) {
  fail("expected the image's tag, REGISTRY/NAME:TAG, and the file for its digest.");
}
const repository = tag.replace(/:[^:/]+$/, "");

const push = { docker: pushWithDocker, buildah: pushWithBuildah }[imageEngine()] ?? fail(`${noImageEngine}.`);
const digest = push();
if (!/^sha256:[0-9a-f]{64}$/.test(digest)) fail(`no digest of ${tag} was found after the push; found "${digest}".`);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${repository}@${digest}\n`);
process.stdout.write(`${repository}@${digest}\n`);

function pushWithDocker() {
  run("docker", "push", ...flags, tag);
  const names = JSON.parse(run("docker", "image", "inspect", "--format", "{{json .RepoDigests}}", tag));
  return names.find((name) => name.startsWith(`${repository}@`))?.slice(repository.length + 1) ?? "";
}

function pushWithBuildah() {
  const scratch = mkdtempSync(join(tmpdir(), "activity-events-push-"));
  process.on("exit", () => rmSync(scratch, { recursive: true }));
  const digestFile = join(scratch, "digest");
  run("buildah", "push", ...flags, "--digestfile", digestFile, tag);
  return readFileSync(digestFile, "utf8").trim();
}

function run(command, ...args) {
  const { status, stdout, error } = spawnSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) fail(`${command} ${args[0]} ${tag} failed${error ? `: ${error.message}` : "."}`);
  return stdout;
}
