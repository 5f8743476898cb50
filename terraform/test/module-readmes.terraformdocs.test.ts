import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { run } from "./working-copy.ts";

const terraformFolder = join(import.meta.dirname, "..");

test.each(readdirSync(join(terraformFolder, "modules")))(
  "the README of %s has its inputs and outputs",
  async (module) => {
    const args = [`modules/${module}`, "--config=.terraform-docs.yml", "--output-check"];

    const { exitCode, output } = await run("terraform-docs", args, terraformFolder);

    expect(output).toContain("README.md is up to date");
    expect(exitCode).toBe(0);
  },
);
