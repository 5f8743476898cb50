import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { runClient } from "./running-client.ts";

/** Completes the last word of a command line in a real bash. */
function completed(script: string, words: readonly string[]): readonly string[] {
  const line = words.map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _activity_client; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", `${script}\n${ask}`], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.trimEnd().split("\n");
}

test("completes commands, flags and values in bash", async () => {
  const { exitCode, output } = await runClient({ args: ["completion", "bash"] });

  expect(exitCode).toBe(0);
  expect(completed(output, ["activity_client", "de"])).toEqual(["deployments"]);
  expect(completed(output, ["activity_client", "--json", "list", "--sev"])).toEqual(["--severity-min"]);
  expect(completed(output, ["activity_client", "add", "--outcome", "f"])).toEqual(["failure"]);
  expect(completed(output, ["activity_client", "deployments", "--state", ""])).toContain("rolled_back");
});

test("prints a script for zsh and fish, and refuses other shells", async () => {
  const [zsh, fish, other] = await Promise.all(
    ["zsh", "fish", "csh"].map((shell) => runClient({ args: ["completion", shell] })),
  );

  expect(zsh?.output).toMatch(/^#compdef activity_client\n/);
  expect(fish?.output).toContain('-s o -l outcome -r -f -a "success failure canceled error"');
  expect(other).toMatchObject({ exitCode: 2, errors: expect.stringContaining("bash, zsh, fish") });
});
