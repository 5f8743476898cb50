import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { terraformFolders } from "./terraform-folders.ts";
import { makeWorkingCopy, type WorkingCopy } from "./working-copy.ts";

jest.setTimeout(300_000);

const folders = terraformFolders();
let copy: WorkingCopy;

beforeAll(async () => {
  copy = makeWorkingCopy();
  // One after the other: they share the downloaded provider.
  for (const folder of folders) await copy.must(folder, "init", "-backend=false");
});
afterAll(() => copy?.remove());

test("the configuration is formatted as Terraform formats it", async () => {
  expect(await copy.terraform(".", "fmt", "-check", "-recursive", "-diff")).toEqual({ exitCode: 0, output: "" });
});

test.each(folders)("the configuration keeps in %s what its tests say", async (folder) => {
  const valid = await copy.terraform(folder, "validate");
  const tested = await copy.terraform(folder, "test");

  expect(valid.output).toMatch(/Success!/);
  expect(tested.output).toMatch(/^Success! [1-9]\d* passed, 0 failed[.]$/m);
});
