import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { imageEngine, noImageEngine } from "./image-engine.mjs";
import { scriptArguments } from "./script-arguments.mjs";
import { scriptMessages } from "./script-messages.mjs";
import { sourceCommit } from "./source-commit.mjs";

const root = join(import.meta.dirname, "..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const { values, positionals } = scriptArguments("image", {
  usage: `Usage: npm run image [-- [OPTION ...] [-- FLAG ...]]

Builds the container image of the service with docker or, if its engine does not answer, buildah, and prints its name. The
flags go to the engine.

  --base IMAGE    image that it is built on, instead of the Dockerfile's
  --source URL    where its sources are, instead of the checkout's origin
  --tag NAME      its name, instead of activity-events:VERSION`,
  options: {
    tag: { type: "string", default: `activity-events:${version}` },
    base: { type: "string" },
    source: { type: "string", default: originUrl() },
  },
});
const engine = imageEngine();
if (engine === undefined) scriptMessages("image").fail(`${noImageEngine}.`);

const buildArguments = { VERSION: version, REVISION: sourceCommit(), SOURCE: values.source, BASE: values.base };
const { status } = spawnSync(
  engine,
  [
    "build",
    ...Object.entries(buildArguments).flatMap(([name, value]) => (value ? ["--build-arg", `${name}=${value}`] : [])),
    ...["--tag", values.tag, "--file", "Dockerfile", ...positionals, "."],
  ],
  // Output of the engine goes to standard error; standard output is only the image's name.
  { cwd: root, stdio: ["ignore", 2, 2] },
);
if (status !== 0) process.exit(1);
process.stdout.write(`${values.tag}\n`);
// podman runs what buildah has built: they share their images.
const runner = engine === "buildah" ? "podman" : engine;
process.stderr.write(`
Run it, with its events in the volume "events":
  ${runner} run --read-only --cap-drop all -p 127.0.0.1:50051:8080 -v events:/data ${values.tag}
`);

/** Returns the URL of the sources from the checkout, without credentials. */
function originUrl() {
  const { status, stdout } = spawnSync("git", ["remote", "get-url", "origin"], { cwd: root, encoding: "utf8" });
  const [, host, path] =
    /^(?:https:\/\/|ssh:\/\/)?(?:[^@/]*@)?([\w.-]+\.\w+)[:/](.+?)(?:\.git)?\n$/.exec(stdout ?? "") ?? [];
  return status === 0 && host ? `https://${host}/${path}` : undefined;
}
