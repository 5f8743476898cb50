import { appendFileSync, copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { nodeFault, projectNode, root } from "../set-up.mjs";

const fetched = join(root, "node_modules", "node", "bin", "node");

test("a Node of 24 or newer runs the project itself", () => {
  expect(projectNode).toBe(process.execPath);
});

test("the hashes of what an older Node fetches are those of the locked version, and those that the binaries are made with", () => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const binaries = readFileSync(join(root, "packaging", "binaries.mjs"), "utf8");
  const pinned = [
    ...readFileSync(join(root, "tools", "set-up.mjs"), "utf8").matchAll(/"(linux-\w+)": "([0-9a-f]{64})"/g),
  ];

  expect(binaries).toContain(`node26] = ["${packages["node_modules/node"].version}",`);
  expect(pinned.map(([, platform]) => platform)).toEqual(["linux-x64", "linux-arm64"]);
  for (const [, , hash] of pinned) expect(binaries).toContain(hash);
});

test("another executable than the pinned one is refused, with both hashes", () => {
  const copy = join(temporaryFolder().path, "node");
  copyFileSync(existsSync(fetched) ? fetched : process.execPath, copy);
  appendFileSync(copy, "!");

  expect(nodeFault(copy, "linux-x64")).toMatch(
    / is not the Node .* SHA-256 is [0-9a-f]{64}, 7fde7b8a[0-9a-f]{56} was expected[.]$/,
  );
});
