import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { parse, stringify } from "yaml";
import { checkBySchema, recipeBlocks } from "./recipe-blocks.ts";

const checked = [
  { recipe: "github-actions", schema: "vendor.github-workflows", part: "jobs" },
  { recipe: "gitlab-ci", schema: "vendor.gitlab-ci", part: "deploy" },
  { recipe: "cloud-build", schema: "vendor.cloudbuild", part: "steps" },
] as const;

test.each(checked)("the YAML of $recipe is what $schema asks for", ({ recipe, schema }) => {
  using folder = temporaryFolder();
  const blocks = recipeBlocks(recipe, "yaml");
  const file = join(folder.path, "recipe.yaml");

  expect(blocks).not.toEqual([]);
  for (const block of blocks) {
    writeFileSync(file, block);
    expect(checkBySchema(file, schema)).toEqual({ status: 0, said: expect.stringContaining("ok") });
  }
});

test.each(checked)("a part of $recipe that is none is found by $schema", ({ recipe, schema, part }) => {
  using folder = temporaryFolder();
  const [block = ""] = recipeBlocks(recipe, "yaml");
  const file = join(folder.path, "recipe.yaml");
  const planted = parse(block);
  expect(planted).toHaveProperty(part);
  planted[part] = { script: { of: "no kind" } };

  writeFileSync(file, stringify(planted));

  expect(checkBySchema(file, schema)).toMatchObject({ status: 1 });
});
