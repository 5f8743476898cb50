import { globSync } from "node:fs";
import { dirname, join } from "node:path";

const cwd = join(import.meta.dirname, "..");

/** The modules and the environments, by their paths in `terraform/`: found, since a list could forget one. */
export function terraformFolders(): readonly string[] {
  return globSync("**/versions.tf", { cwd, exclude: ["**/.terraform"] })
    .map(dirname)
    .sort();
}

/** Those that have tests of their own. */
export function testedFolders(): readonly string[] {
  return globSync("**/tests/*.tftest.hcl", { cwd }).map((file) => dirname(dirname(file)));
}
