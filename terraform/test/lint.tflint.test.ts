import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { run } from "./working-copy.ts";

const terraformFolder = join(import.meta.dirname, "..");

test("tflint finds nothing", async () => {
  const configuration = `--config=${join(terraformFolder, ".tflint.hcl")}`;

  expect(await run("tflint", ["--recursive", "--no-color", configuration], terraformFolder)).toEqual({
    exitCode: 0,
    output: "",
  });
});
