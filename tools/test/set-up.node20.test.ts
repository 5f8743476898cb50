import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findNode20 } from "@activity-events/testing/find-node-20";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, jest, test } from "@jest/globals";

// npm is run, without a network.
jest.setTimeout(60_000);

test("a fetched Node that is not the pinned one is refused, also by the next command", () => {
  const { path: root } = temporaryFolder();
  const foreign = join(root, "foreign-node");
  mkdirSync(join(root, "tools"));
  mkdirSync(foreign);
  for (const file of ["run.mjs", "set-up.mjs"]) {
    cpSync(join(import.meta.dirname, "..", file), join(root, "tools", file));
  }
  const make =
    "mkdirSync('bin', { recursive: true }); writeFileSync('bin/node', '#!/bin/sh\\ntouch ran', { mode: 0o755 });";
  writeFileSync(join(foreign, "make.cjs"), `const { mkdirSync, writeFileSync } = require("node:fs"); ${make}`);
  const scripts = { install: "node make.cjs" };
  writeFileSync(join(foreign, "package.json"), JSON.stringify({ name: "node", version: "24.21.0", scripts }));
  writeFileSync(join(root, "package.json"), JSON.stringify({ dependencies: { node: "file:./foreign-node" } }));
  writeFileSync(join(root, "package-lock.json"), "");
  const run = () => spawnSync(findNode20() ?? "", ["tools/run.mjs", "--version"], { cwd: root, encoding: "utf8" });

  const [first, second] = [run(), run()];

  for (const { status, stderr } of [first, second]) {
    expect(stderr).toContain("is not the Node that the project was tested with");
    expect(status).toBe(1);
  }
  expect(existsSync(join(root, "ran"))).toBe(false);
});
