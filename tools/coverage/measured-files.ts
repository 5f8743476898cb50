import { execFileSync } from "node:child_process";

// Tests and what is for them alone, what is generated, what jest loads before anything can be measured, and the settings of
// tools, which are what the root holds.
const unmeasured =
  /[.]d[.]ts$|[.]test[.]ts$|(^|\/)test\/|^(e2e|testing\/src|tools\/boundaries\/planted|proto\/gen|event-store\/contract)\/|jest-\w+[.]mjs$|^[^/]+$/;

/** The files of the repository whose coverage counts, by their paths under `root`. */
export function measuredFiles(root: string): readonly string[] {
  const files = execFileSync("git", ["ls-files", "*.ts", "*.mjs"], { cwd: root, encoding: "utf8" }).split("\n");
  return files.filter((file) => file !== "" && !unmeasured.test(file));
}

/** The package that a file belongs to, as the table names it. */
export function packageOf(file: string): string {
  const [, name] = /^((?:functions|tools)\/[^/]+|[^/]+)\//.exec(file) ?? [];
  return name ?? file;
}
