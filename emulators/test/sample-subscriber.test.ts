import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..");

test("is the code that docs/subscribing.md shows", async () => {
  const code = await readFile(join(root, "emulators", "src", "sample-subscriber.ts"), "utf8");
  const text = await readFile(join(root, "docs", "subscribing.md"), "utf8");

  const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block);

  expect(blocks[0]).toBe(code);
});
