import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { makeWorkingCopy, run, type WorkingCopy, whyNoTerraform, whyNoTflint } from "./working-copy.ts";

jest.setTimeout(300_000);

const whyNot = whyNoTerraform();
const whyNoLint = whyNoTflint();
// Where CI is set nothing may be left out, so there the tests fail with the same words.
for (const why of new Set([whyNot, whyNoLint])) {
  if (why !== undefined && !process.env.CI) process.stderr.write(`terraform: skipped, ${why}\n`);
}

// Found, not listed: a folder that is forgotten here would not be tested.
const terraformFolder = join(import.meta.dirname, "..");
const folders = globSync("**/versions.tf", { cwd: terraformFolder, exclude: ["**/.terraform"] })
  .map(dirname)
  .sort();

test("each module and each environment has tests of its own", () => {
  const tested = new Set(
    globSync("**/tests/*.tftest.hcl", { cwd: terraformFolder }).map((file) => dirname(dirname(file))),
  );

  expect(folders.length).toBeGreaterThan(0);
  expect(folders.filter((folder) => !tested.has(folder))).toEqual([]);
});

(whyNot === undefined || process.env.CI ? describe : describe.skip)("the configuration", () => {
  let copy: WorkingCopy;

  beforeAll(async () => {
    if (whyNot !== undefined) throw new Error(whyNot);
    copy = makeWorkingCopy();
    // One after the other: they share the downloaded provider.
    for (const folder of folders) await copy.must(folder, "init", "-backend=false");
  });
  afterAll(() => copy?.remove());

  test("is formatted as Terraform formats it", async () => {
    expect(await copy.terraform(".", "fmt", "-check", "-recursive", "-diff")).toEqual({ exitCode: 0, output: "" });
  });

  test.each(folders)("keeps in %s what its tests say", async (folder) => {
    const valid = await copy.terraform(folder, "validate");
    const tested = await copy.terraform(folder, "test");

    expect(valid.output).toMatch(/Success!/);
    expect(tested.output).toMatch(/^Success! [1-9]\d* passed, 0 failed[.]$/m);
  });
});

(whyNoLint === undefined || process.env.CI ? test : test.skip)("tflint finds nothing", async () => {
  if (whyNoLint !== undefined) throw new Error(whyNoLint);
  const configuration = `--config=${join(terraformFolder, ".tflint.hcl")}`;

  expect(await run("tflint", ["--recursive", "--no-color", configuration], terraformFolder)).toEqual({
    exitCode: 0,
    output: "",
  });
});
