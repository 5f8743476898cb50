import { answerHelp } from "../packaging/script-arguments.mjs";
import { scriptMessages } from "../packaging/script-messages.mjs";
import { initialize, terraform } from "./apply-folder.mjs";
import { environmentFolder } from "./environment-folder.mjs";

const { fail } = scriptMessages("unprotect-environment");
const guard = "module.activity_events.terraform_data.protection";

answerHelp(`Usage: npm run unprotect-environment -- ENVIRONMENT STATE_BUCKET

Takes the guard against a destroy out of the state of an environment, and says how to go on. Nothing on Google Cloud changes.`);

const [environment, bucket] = process.argv.slice(2);
const folder = environmentFolder(environment);
if (folder === undefined || bucket === undefined) {
  fail("expected an environment of terraform/environments and the bucket of its state.");
}

await initialize(folder, bucket).catch(({ message }) => fail(message));
const refused = await terraform(folder, "state", "rm", "-lock-timeout=300s", guard);
if (refused !== undefined) fail(`the guard could not be taken out of the state: is ${environment} protected?`);
process.stdout.write(`
${environment} has lost its guard. It comes back with the next apply, unless you go on:
  1. set deletion_protection = false in terraform/environments/${environment}/main.tf
  2. npm run apply-environment -- ${environment} ${bucket} IMAGE_FILE -var=…    (as always)
  3. terraform -chdir=terraform/environments/${environment} destroy
To stop here, apply the environment as it is.
`);
