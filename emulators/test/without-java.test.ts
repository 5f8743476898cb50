import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { temporaryFolder } from "./temporary-folder.ts";

const root = join(import.meta.dirname, "..", "..");

/** Runs a file of cloud tests as on a machine without a Java. */
async function runCloudTests(settings: NodeJS.ProcessEnv): Promise<{ exitCode: number; output: string }> {
  using empty = temporaryFolder();
  const jest = join(root, "node_modules", "jest", "bin", "jest.js");
  const args = ["--experimental-vm-modules", "--no-warnings", jest, "emulators/test/run-stack[.]cloud"];
  const options = { cwd: root, env: { PATH: empty.path, HOME: empty.path, ...settings } };
  return await new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      resolve({ exitCode: Number(error?.code ?? 0), output: `${stdout}${stderr}` });
    });
  });
}

test("cloud tests are skipped where there is no Java, with a line that says how to get one", async () => {
  const { exitCode, output } = await runCloudTests({});

  expect(output).toMatch(
    /^The cloud tests are skipped: the emulators need Java 21 or newer, found none: install one /m,
  );
  expect(output).toMatch(/^Tests: +(\d+) skipped, \1 total$/m);
  expect(exitCode).toBe(0);
});

test("in CI they fail instead, with the same line", async () => {
  const { exitCode, output } = await runCloudTests({ CI: "true" });

  expect(output).toMatch(/^The cloud tests fail: the emulators need Java 21 or newer/m);
  expect(output).toMatch(/^Test Suites: 1 failed, 1 total$/m);
  expect(exitCode).toBe(1);
});
