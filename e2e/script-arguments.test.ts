import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import manifest from "../package.json" with { type: "json" };

const root = join(import.meta.dirname, "..");
/** The scripts that make and deploy things, by the names that npm knows them by. */
const scripts = Object.entries(manifest.scripts).flatMap(([name, command]) => {
  const file = / ((?:packaging|deploy)\/\S+)$/.exec(command)?.[1];
  return file === undefined ? [] : [{ name, file }];
});

function run(file: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, file), ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

test("there are scripts to ask", () => {
  expect(scripts.length).toBeGreaterThan(9);
});

test.each(scripts)("$name --help says how it is used, and does nothing", ({ name, file }) => {
  const { status, stdout, stderr } = run(file, "--help");

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`^Usage: npm run ${name}( .*)?\n\n[A-Z]`));
});

test.each(scripts)("$name refuses an option that it does not have, in words", ({ name, file }) => {
  const { status, stdout, stderr } = run(file, "--frobnicate");

  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(new RegExp(`^${name}: (Unknown option '--frobnicate'[.]\n\nUsage: |expected )`));
  expect(stderr).not.toContain("    at ");
});
