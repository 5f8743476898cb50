import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the Dockerfile that replaces it
const base = "${BASE}";

test("the image's base is pinned by its digest", () => {
  const dockerfile = readFileSync(join(import.meta.dirname, "..", "Dockerfile"), "utf8");

  expect(dockerfile).toMatch(/^ARG BASE=\S+@sha256:[0-9a-f]{64}$/m);
  expect(dockerfile.match(/(?<=^FROM )\S+/gm)).toEqual([base, base, "scratch"]);
});
