// `npm run apply-environment -- ENVIRONMENT STATE_BUCKET IMAGE_FILE [-var=NAME=VALUE …]`: plans an environment of
// terraform/ and applies exactly that plan. Terraform uses the image only for the first revision of the service.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [environment = "", bucket, imageFile = "", ...variables] = process.argv.slice(2);
const folder = join(import.meta.dirname, "..", "terraform", "environments", environment);
if (!/^[a-z]+$/.test(environment) || !existsSync(folder)) {
  fail("expected an environment of terraform/environments, the bucket of its state, and the file with the image.");
}
if (!existsSync(imageFile)) {
  fail(
    `expected the file that npm run push-image wrote the image into, found ${imageFile ? `no ${imageFile}` : "none"}.`,
  );
}
const image = readFileSync(imageFile, "utf8").trim();
// A plan contains the values of all variables, including secrets.
const scratch = mkdtempSync(join(tmpdir(), "activity-events-plan-"));
process.on("exit", () => rmSync(scratch, { recursive: true }));
const plan = join(scratch, "plan");

// The folder may still be configured for another project's bucket.
terraform("init", "-reconfigure", `-backend-config=bucket=${bucket}`);
terraform("plan", "-lock-timeout=300s", `-out=${plan}`, `-var=image=${image}`, ...variables);
terraform("apply", "-lock-timeout=300s", plan);

function terraform(...args) {
  const [command, ...flags] = args;
  const { status, error } = spawnSync("terraform", [`-chdir=${folder}`, command, "-input=false", ...flags], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) fail(`terraform ${command} failed${error ? `: ${error.message}` : "."}`);
}

function fail(message) {
  process.stderr.write(`apply-environment: ${message}\n`);
  process.exit(1);
}
