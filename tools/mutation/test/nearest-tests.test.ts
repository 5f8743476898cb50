import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { nearestTests } from "../nearest-tests.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder().path;
  for (const [path, imported] of [
    ["a/test/x.test.ts", "../src/x.ts"],
    ["a/test/deep/y.test.ts", "../../src/x.ts"],
    ["a/test/z.test.ts", "../src/other-x.ts"],
    ["a/test/builders.ts", "../src/x.ts"],
    ["b/test/x.test.ts", "../../a/src/x.ts"],
  ] as const) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `import { x } from "${imported}";`);
  }
});
afterEach(removeTemporaryFolders);

test.each([
  ["a folder", ["a/test/"], ["a/test/deep/y.test.ts", "a/test/x.test.ts"]],
  ["the beginning of a path", ["a/test/x"], ["a/test/x.test.ts"]],
])("names the test files that import a file themselves, of %s", (_, tests, nearest) => {
  expect(nearestTests(folder, { sources: "a/src/", tests }, "a/src/x.ts")).toEqual(nearest);
});
