import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";

afterEach(removeTemporaryFolders);

test("the README's pictures are taken of the page with the demo's data", async () => {
  const { path } = temporaryFolder();
  const script = join(import.meta.dirname, "..", "picture", "main.ts");

  const { stdout } = await promisify(execFile)(process.execPath, [script, path]);

  const files = ["page.png", "page-dark.png"].map((name) => join(path, name));
  expect(stdout).toBe(files.map((file) => `${file}\n`).join(""));
  const pictures = files.map((file) => readFileSync(file));
  // PNG has its width and height there.
  expect(pictures.map((picture) => [picture.readUInt32BE(16), picture.readUInt32BE(20)])).toEqual([
    [1280, 900],
    [1280, 900],
  ]);
  expect(pictures[0]?.equals(pictures[1] ?? Buffer.of())).toBe(false);
});
