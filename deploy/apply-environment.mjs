import { existsSync, readFileSync } from "node:fs";
import { answerHelp } from "../packaging/script-arguments.mjs";
import { scriptMessages } from "../packaging/script-messages.mjs";
import { applyFolder } from "./apply-folder.mjs";
import { environmentFolder } from "./environment-folder.mjs";

const { tell, fail } = scriptMessages("apply-environment");
answerHelp(`Usage: npm run apply-environment -- ENVIRONMENT STATE_BUCKET IMAGE_FILE [-var=NAME=VALUE ...]

Plans an environment of terraform/environments, with its state in this bucket, and applies that very plan. IMAGE_FILE is what
npm run push-image wrote: the image of the service's first revision; later Terraform leaves it alone.`);

const [environment, bucket, imageFile = "", ...variables] = process.argv.slice(2);
const folder = environmentFolder(environment);
if (folder === undefined) {
  fail("expected an environment of terraform/environments, the bucket of its state, and the file with the image.");
}
if (!existsSync(imageFile)) {
  fail(
    `expected the file that npm run push-image wrote the image into, found ${imageFile ? `no ${imageFile}` : "none"}.`,
  );
}
const image = readFileSync(imageFile, "utf8").trim();

await applyFolder(folder, { bucket, variables: [`-var=image=${image}`, ...variables], tell }).catch(({ message }) =>
  fail(message),
);
