import { existsSync } from "node:fs";
import { join } from "node:path";

const environments = join(import.meta.dirname, "..", "terraform", "environments");

/** The folder of an environment of terraform/environments; undefined: there is none of this name. */
export function environmentFolder(environment = "") {
  const folder = join(environments, environment);
  return /^[a-z]+$/.test(environment) && existsSync(folder) ? folder : undefined;
}
