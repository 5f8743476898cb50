import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { endAll, runInNpm } from "./run-in-npm.ts";

const root = join(import.meta.dirname, "..", "..");
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, ["tools/run.mjs", ...args], { cwd: root, encoding: "utf8" });

afterEach(endAll);

test("every script of package.json is one command that cmd.exe can run, too", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

  expect(Object.keys(scripts)).toContain("start");
  for (const script of Object.values<string>(scripts)) {
    expect(script).toMatch(/^exec node tools\/run[.]mjs( [\w@./:=-]+)+$/);
    const [file = ""] = script
      .split(" ")
      .filter((word) => /[.](ts|mjs|js)$|\/bin\//.test(word))
      .slice(1);
    expect(existsSync(join(root, file))).toBe(true);
  }
  expect(readFileSync(join(root, "exec.cmd"), "utf8")).toMatch(/^@%\*\r\n$/m);
});

test("the file runs with the project's Node, its flags, settings and arguments, and ends as it does", () => {
  const file = join(import.meta.dirname, "tell-call.mjs");

  const { stdout, status } = run("GREETING=a=b", "EMPTY=", "--title=told", file, "NAME=c", "d e", "");

  expect(JSON.parse(stdout)).toEqual({
    node: process.versions.node,
    title: "told",
    greeting: "a=b",
    empty: "",
    args: ["NAME=c", "d e", ""],
  });
  expect(status).toBe(7);
});

test("a program that a signal ends is told as that", () => {
  const { signal } = run("--eval", "process.kill(process.pid, 'SIGKILL')");

  expect(signal).toBe("SIGKILL");
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s to npm reaches the program once, and npm ends as it does",
  async (signal) => {
    const ended = await runInNpm(["npm", "run", "-s", "count"], (line, npm) => {
      if (line === "ready") npm.kill(signal);
    });

    expect(ended).toEqual({ lines: ["ready", signal], exitCode: 7 });
  },
);
