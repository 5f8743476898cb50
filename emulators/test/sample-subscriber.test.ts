import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..");

test("is the code that docs/subscribing.md shows", async () => {
  const files = ["sample-subscriber.ts", "escape-controls.ts"].map((name) => join(root, "emulators", "src", name));
  const code = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const text = await readFile(join(root, "docs", "subscribing.md"), "utf8");

  const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block);

  expect(blocks.slice(0, 2)).toEqual(code);
});
