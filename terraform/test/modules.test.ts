import { expect, test } from "@jest/globals";
import { terraformFolders, testedFolders } from "./terraform-folders.ts";

test("each module and each environment has tests of its own", () => {
  const tested = new Set(testedFolders());

  expect(terraformFolders()).not.toEqual([]);
  expect(terraformFolders().filter((folder) => !tested.has(folder))).toEqual([]);
});
