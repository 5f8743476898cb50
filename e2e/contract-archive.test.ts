import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { copyContract } from "../packaging/copy-contract.mjs";

const root = join(import.meta.dirname, "..");
const tool = (name: string) => join(root, "node_modules", ".bin", name);

test("what a release publishes of the contract generates the same client, without anything else", () => {
  using folder = temporaryFolder();
  copyContract(folder.path);
  const plugin = {
    local: tool("protoc-gen-es"),
    out: "made",
    opt: ["target=js+dts", "import_extension=js", "json_types=true"],
  };
  const template = JSON.stringify({ version: "v2", plugins: [plugin] });

  const args = ["generate", "proto", "--template", template];
  execFileSync(tool("buf"), args, { cwd: folder.path, env: { PATH: process.env.PATH, HOME: folder.path } });
  const made = globSync("**/*.{js,d.ts}", { cwd: join(folder.path, "made") }).sort();

  expect(made).toEqual(globSync("activityevents/**/*.{js,d.ts}", { cwd: join(root, "proto", "gen") }).sort());
  for (const file of made) {
    expect(readFileSync(join(folder.path, "made", file), "utf8")).toBe(
      readFileSync(join(root, "proto", "gen", file), "utf8"),
    );
  }
});
