import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..");
const page = readFileSync(join(root, "docs", "security.md"), "utf8");

test("each threat of docs/security.md has tests that there are", () => {
  const rows = [...page.matchAll(/^\| (?!Threat|---)(.+) \| (.+) \| (.+) \|$/gm)];
  const lines = page.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| Threat"));

  const named = rows.map(([, threat, , tests = ""]) => ({
    threat,
    tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path),
  }));

  expect(rows.length).toBeGreaterThan(15);
  // A row of another form would be read by nobody.
  expect(rows).toHaveLength(lines.length);
  expect(named.filter(({ tests }) => tests.length === 0)).toEqual([]);
  const missing = named.flatMap(({ tests }) =>
    tests.filter((path) => !path.endsWith(".test.ts") || !existsSync(join(root, path))),
  );
  expect(missing).toEqual([]);
});
