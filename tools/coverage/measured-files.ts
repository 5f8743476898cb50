import { execFileSync } from "node:child_process";

// Tests and their helpers, generated code, code that jest loads before measuring starts, and the tools' settings in the
// root.
const unmeasured =
  /[.]d[.]ts$|[.]test[.]ts$|(^|\/)test\/|^(e2e|testing\/src|tools\/boundaries\/planted|proto\/gen|event-store\/contract)\/|jest-\w+[.]mjs$|^[^/]+$/;

/** Lists the measured files of the repository, as paths below `root`. */
export function measuredFiles(root: string): readonly string[] {
  const files = execFileSync("git", ["ls-files", "*.ts", "*.mjs"], { cwd: root, encoding: "utf8" }).split("\n");
  return files.filter((file) => file !== "" && !unmeasured.test(file));
}

/** Returns the package of a file, as the table names it. */
export function packageOf(file: string): string {
  const [, name] = /^((?:functions|tools)\/[^/]+|[^/]+)\//.exec(file) ?? [];
  return name ?? file;
}
