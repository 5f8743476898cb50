import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { findNode20 } from "@activity-events/testing/find-node-20";
import { expect, test } from "@jest/globals";
import manifest from "../../package.json" with { type: "json" };

const bin = join(import.meta.dirname, "..", "..", manifest.bin.activity_client);

test.each([
  ["Node 20", () => dirname(findNode20() ?? "")],
  ["the project's Node", () => dirname(process.execPath)],
])("the program of a clone runs by its file alone under %s, with its exit code", (_name, folder) => {
  const call = (args: readonly string[]) => {
    const env = { ...process.env, PATH: `${folder()}:${process.env.PATH}` };
    return spawnSync(bin, args, { env, encoding: "utf8" });
  };

  expect(call(["--version"])).toMatchObject({
    status: 0,
    stdout: `activity_client ${manifest.version}\n`,
    stderr: "",
  });
  expect(call(["list"])).toMatchObject({ status: 2, stderr: expect.stringContaining("Give the id of the deployment") });
});
