import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterAll, expect, test } from "@jest/globals";
import { testKinds, testNeeds, wordsOf } from "../test-needs.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const empty = temporaryFolder().path;
afterAll(removeTemporaryFolders);

const oneWithEmulators = ["emulators/test/run-stack[.]cloud", "emulators/test/plain-line"];

/** Runs test files, one that needs the emulators and one that needs nothing, as on a machine that has only Node. */
function runJest(settings: NodeJS.ProcessEnv, files = oneWithEmulators): Promise<{ exitCode: number; output: string }> {
  const jest = join(root, "node_modules", "jest", "bin", "jest.js");
  const args = ["--experimental-vm-modules", "--no-warnings", jest, ...files];
  const env = { PATH: empty, HOME: empty, ...settings };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ exitCode: Number(error?.code ?? 0), output: `${stdout}${stderr}` });
    });
  });
}

test("npm test leaves out what needs more than Node, and says which command runs it", async () => {
  const { exitCode, output } = await runJest({});

  expect(output).toMatch(/^ {2}1 file +the emulators of .* npm run test:all -- [.]cloud[.]$/m);
  expect(output).toMatch(/^Test Suites: 1 passed, 1 total$/m);
  expect(exitCode).toBe(0);
});

test("npm run test:all skips what this machine lacks, with the line that brings it", async () => {
  const { exitCode, output } = await runJest({ ALL_TESTS: "true" });

  expect(output).toMatch(
    /^ {2}1 file, \d+ tests +the emulators of .* the emulators need Java 21 or newer; found none\. /m,
  );
  expect(output).toMatch(/^Test Suites: 1 skipped, 1 passed, 1 of 2 total$/m);
  expect(exitCode).toBe(0);
});

test("in CI that is a failure, with the same line", async () => {
  const { exitCode, output } = await runJest({ ALL_TESTS: "true", CI: "true" });

  expect(output).toMatch(/the emulators need Java 21 or newer; found none\. /);
  expect(output).toMatch(/^Test Suites: 1 failed, 1 passed, 2 total$/m);
  expect(exitCode).toBe(1);
});

test("what CI cannot get either it skips, with the line that brings it", async () => {
  const files = ["cli/test/e2e/ancestor-comparison", "emulators/test/plain-line"];

  const { exitCode, output } = await runJest({ ALL_TESTS: "true", CI: "true" }, files);

  expect(output).toMatch(/^ {2}1 file, \d+ tests +the client of .* ANCESTOR_CLIENT=FILE names it$/m);
  expect(output).toMatch(/^Test Suites: 1 skipped, 1 passed, 1 of 2 total$/m);
  expect(exitCode).toBe(0);
});

test("every word in the name of a test file is known", () => {
  const files = globSync("**/*.test.ts", {
    cwd: root,
    exclude: ["**/node_modules", "tools/boundaries/planted", "dist"],
  });
  const known = new Set<string>([...testKinds, ...Object.keys(testNeeds)]);

  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => wordsOf(file).some((word) => !known.has(word)))).toEqual([]);
});
