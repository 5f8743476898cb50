import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, jest, test } from "@jest/globals";
import { runningWorkspaces } from "../set-up.mjs";

// npm is run, without a network.
jest.setTimeout(60_000);

afterEach(removeTemporaryFolders);

test("what runs on a user's machine installs that alone, other commands the rest, and nothing is removed again", () => {
  const root = smallProject();
  const isThere = (name: string) => existsSync(join(root, "node_modules", name, "package.json"));

  const first = run(root, "running");
  const afterFirst = [isThere("to-run"), isThere("to-build")];
  const second = run(root, "running");
  const all = run(root);
  const afterAll = [isThere("to-run"), isThere("to-build")];
  const later = run(root, "running");
  writePackage(root, "", {
    devDependencies: { "to-build": "file:to-build" },
    workspaces: runningWorkspaces,
    version: "2.0.0",
  });
  const changed = run(root, "running");

  expect([first, second, all, later, changed].map(({ status }) => status)).toEqual([0, 0, 0, 0, 0]);
  expect(afterFirst).toEqual([true, false]);
  expect(afterAll).toEqual([true, true]);
  expect([isThere("to-run"), isThere("to-build")]).toEqual([true, true]);
  const installs = [first, second, all, later, changed].map(({ stderr }) => stderr.includes("Installing"));
  expect(installs).toEqual([true, false, true, false, true]);
});

test("an installation that failed is begun anew by the next command", () => {
  const root = smallProject();
  writeFileSync(join(root, "cli", "package.json"), "{");

  const failed = run(root, "running");
  writePackage(root, "cli", { dependencies: { "to-run": "file:../to-run" } });
  const mended = run(root, "running");

  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("Nothing was started");
  expect(mended.status).toBe(0);
});

/** Makes a project with a package that its programs need, and one that only builds need. */
function smallProject(): string {
  const { path: root } = temporaryFolder();
  for (const file of ["run.mjs", "set-up.mjs"]) {
    cpSync(join(import.meta.dirname, "..", file), join(root, "tools", file));
  }
  writePackage(root, "", { devDependencies: { "to-build": "file:to-build" }, workspaces: runningWorkspaces });
  for (const name of runningWorkspaces) {
    const target = relative(join(root, name), join(root, "to-run")).replaceAll("\\", "/");
    writePackage(root, name, { dependencies: { "to-run": `file:${target}` } });
  }
  writePackage(root, "to-run", {});
  writePackage(root, "to-build", {});
  writeFileSync(join(root, "package-lock.json"), "");
  return root;
}

function writePackage(root: string, name: string, fields: object): void {
  mkdirSync(join(root, name), { recursive: true });
  const manifest = { name: name.replace("/", "-") || "small", version: "1.0.0", ...fields };
  writeFileSync(join(root, name, "package.json"), JSON.stringify(manifest));
}

function run(root: string, ...level: readonly string[]) {
  const args = ["tools/run.mjs", ...level, "--version"];
  return spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
}
