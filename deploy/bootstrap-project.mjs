import { join } from "node:path";
import { answerHelp } from "../packaging/script-arguments.mjs";
import { scriptMessages } from "../packaging/script-messages.mjs";
import { applyFolder } from "./apply-folder.mjs";

const { tell, fail } = scriptMessages("bootstrap-project");
answerHelp(`Usage: npm run bootstrap-project -- STATE_BUCKET -var=project_id=PROJECT [-var=NAME=VALUE ...]

Plans terraform/bootstrap, what a project needs before an environment can be applied to it, with its state in this bucket, and
applies that very plan.`);

const [bucket, ...variables] = process.argv.slice(2);
if (bucket === undefined || bucket.startsWith("-")) {
  fail(
    "expected the bucket of the project's states, then the variables: my-project-activity-events -var=project_id=my-project.",
  );
}

const folder = join(import.meta.dirname, "..", "terraform", "bootstrap");
await applyFolder(folder, { bucket, variables, tell }).catch(({ message }) => fail(message));
