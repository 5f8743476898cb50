import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { belowFloors } from "../below-floors.ts";
import { reportCoverage } from "../report-coverage.ts";

const repository = join(import.meta.dirname, "..", "..", "..");
const half = { lines: { covered: 1, total: 2 }, branches: { covered: 3, total: 3 }, files: 1 };

let root: string;
let measurements: string;

beforeEach(() => {
  root = temporaryFolder().path;
  measurements = join(root, "measurements");
  mkdirSync(measurements);
  execFileSync("git", ["init", "--quiet"], { cwd: root });
});
afterEach(removeTemporaryFolders);

function write(file: string, text: string): string {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
  execFileSync("git", ["add", file], { cwd: root });
  return join(root, file);
}

function run(file: string, ...args: string[]): void {
  execFileSync(process.execPath, [file, ...args], { env: { NODE_V8_COVERAGE: measurements } });
}

test("counts a line that any of the processes ran, and every file, whether it was loaded or not", async () => {
  const program = write(
    "a/src/main.ts",
    [
      "// A comment is nothing to run.",
      "interface Nothing {",
      "  readonly toRun: string;",
      "}",
      'const [which]: string[] = process.argv.slice(2); const no: Nothing = { toRun: "" };',
      'if (which === "one") {',
      "  console.log(1, no);",
      '} else if (which === "two") {',
      "  console.log(2);",
      '} else if (which === "three") {',
      "  console.log(3);",
      "}",
    ].join("\n"),
  );
  write("b/src/idle.ts", "export const idle: number = 1;\n");
  write("b/test/idle.test.ts", "console.log(1);\n");
  run(program, "one");
  run(program, "two");

  const coverage = await reportCoverage({ measurements, root });

  expect([...coverage]).toEqual([
    ["a", { lines: { covered: 5, total: 8 }, branches: { covered: 3, total: 6 }, files: 1 }],
    ["b", { lines: { covered: 0, total: 1 }, branches: { covered: 0, total: 0 }, files: 1 }],
  ]);
});

test("leaves out what a process was killed in the middle of writing", async () => {
  run(write("a/src/main.ts", "console.log(1);\n"));
  writeFileSync(join(measurements, "coverage-1-2-3.json"), '{"result":[{"scr');
  writeFileSync(join(measurements, "coverage-4-5-6.json"), "");

  const coverage = await reportCoverage({ measurements, root });

  expect(coverage.get("a")?.lines).toEqual({ covered: 1, total: 1 });
});

test("takes it for a fault when nothing of the repository was measured", async () => {
  write("a/src/main.ts", "console.log(1);\n");

  await expect(reportCoverage({ measurements, root })).rejects.toThrow("nothing was measured");
});

test("less than a floor is told, and a package without a floor, and a floor without a package", () => {
  const coverage = new Map([
    ["kept", half],
    ["fallen", half],
    ["new", half],
  ]);
  const floors = {
    kept: { lines: 50, branches: 100 },
    fallen: { lines: 51, branches: 100 },
    gone: { lines: 1, branches: 1 },
  };

  expect(belowFloors(coverage, floors)).toEqual([
    "fallen: 50.0 % of the lines, at least 51 % must be",
    "new has no floor",
    "gone has a floor, but nothing of it was found",
  ]);
});

test("npm run coverage measures the tests' own process and those that they start", async () => {
  const tests = ["client/test/calls/list-pages.test.ts", "run-service/test/refused-start.test.ts"];

  const { stdout } = await promisify(execFile)(process.execPath, ["tools/coverage/main.ts", ...tests], {
    cwd: repository,
    env: { ...process.env, CI: "1" },
  });
  const linesOf = (name: string) => Number(new RegExp(`^${name} .* (\\S+) % of \\d+ .*%`, "m").exec(stdout)?.[1]);

  expect(linesOf("client")).toBeGreaterThan(0);
  expect(linesOf("run-service")).toBeGreaterThan(5);
  expect(linesOf("bench")).toBe(0);
});
