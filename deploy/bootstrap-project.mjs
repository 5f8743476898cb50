// `npm run bootstrap-project -- STATE_BUCKET -var=project_id=PROJECT [-var=NAME=VALUE …]`: plans terraform/bootstrap, what a project
// needs before an environment can be applied to it, and applies that very plan.
import { join } from "node:path";
import { applyFolder } from "./apply-folder.mjs";

const [bucket, ...variables] = process.argv.slice(2);
if (bucket === undefined || bucket.startsWith("-")) {
  fail(
    "expected the bucket of the project's states, then the variables: my-project-activity-events -var=project_id=my-project.",
  );
}

try {
  await applyFolder(join(import.meta.dirname, "..", "terraform", "bootstrap"), { bucket, variables, tell });
} catch (error) {
  fail(error.message);
}

function tell(message) {
  process.stderr.write(`bootstrap-project: ${message}\n`);
}

function fail(message) {
  tell(message);
  process.exit(1);
}
