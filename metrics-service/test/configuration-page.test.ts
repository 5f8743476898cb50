import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { settings } from "../src/config/settings.ts";

test("docs/configuration.md names every setting of the page, in the order of --help, with its default", () => {
  const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "configuration.md"), "utf8");
  const [, section = ""] = /^## The page$(.*?)^## /ms.exec(page) ?? [];

  const rows = [...section.matchAll(/^\| `(\w+)` \| `(.+?)` \|/gm)].map(([, name, value]) => [name, value]);

  expect(rows).toEqual(settings.map(({ name, default: value }) => [name, value]));
});
