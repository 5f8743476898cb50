import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { settings } from "../src/config.ts";

test("docs/configuration.md names every setting of the service, in the order of --help, with its default", () => {
  const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "configuration.md"), "utf8");
  const [table = ""] = page.split("\n## ");
  const plain = (text: string) => text.replaceAll("`", "").toLowerCase();
  const rows = [...table.matchAll(/^\| `(\w+)` \| (.+?) \|/gm)].map(([, name, value = ""]) => [name, plain(value)]);

  expect(rows).toEqual(settings.map(({ name, default: value }) => [name, plain(value)]));
});
