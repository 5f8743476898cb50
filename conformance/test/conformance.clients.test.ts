import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";

// The first time Maven, Go and pip fetch what they build with.
jest.setTimeout(900_000);

test("clients in Go, Python and Java find every promise kept, directly and through nginx and haproxy", async () => {
  const main = join(import.meta.dirname, "..", "main.ts");

  const { table, exitCode } = await new Promise<{ table: string; exitCode: number }>((resolve) => {
    execFile(process.execPath, [main], (error, stdout) =>
      resolve({ table: stdout, exitCode: Number(error?.code ?? 0) }),
    );
  });

  process.stderr.write(`${table}\n`);
  expect(table).toMatch(/^ +go directly {2}go by nginx {2}go by haproxy {2}python directly .* java by haproxy$/m);
  expect(exitCode).toBe(0);
});
