// `npm run apply-environment -- ENVIRONMENT STATE_BUCKET IMAGE_FILE [-var=NAME=VALUE …]`: plans an environment of
// terraform/ and applies that very plan. The image is that of the service's first revision; later Terraform leaves it alone.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [environment = "", bucket, imageFile, ...variables] = process.argv.slice(2);
const folder = join(import.meta.dirname, "terraform", "environments", environment);
if (!/^[a-z]+$/.test(environment) || imageFile === undefined || !existsSync(folder)) {
  fail("Expected an environment of terraform/environments the bucket of its state, and the file with the image.");
}
terraform("init", "-input=false", `-backend-config=bucket=${bucket}`);
terraform(
  "plan",
  "-input=false",
  "-lock-timeout=300s",
  "-out=plan",
  `-var=image=${readFileSync(imageFile, "utf8").trim()}`,
  ...variables,
);
terraform("apply", "-input=false", "-lock-timeout=300s", "plan");

function terraform(...args) {
  const { status, error } = spawnSync("terraform", [`-chdir=${folder}`, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) fail(`terraform ${args[0]} failed${error ? `: ${error.message}` : "."}`);
}

function fail(message) {
  process.stderr.write(`apply-environment: ${message}\n`);
  process.exit(1);
}
