import { expect, test } from "@jest/globals";
import { leftOutTable } from "../left-out-table.ts";

const nothing = { leftOut: [], missing: {}, skipped: [] };

test("is empty when every test ran", () => {
  expect(leftOutTable({ ...nothing, skipped: [{ path: "e2e/a.test.ts", tests: 0 }] })).toBe("");
});

test("counts the files left out by the first need of each, with the command that runs them", () => {
  const leftOut = ["t/a.terraform.test.ts", "t/b.terraform.chart.test.ts", "e2e/c.cloud.test.ts"];

  const lines = leftOutTable({ ...nothing, leftOut }).split("\n");

  expect(lines).toContainEqual(
    expect.stringMatching(/^ {2}2 files .*Terraform .* npm run test:all -- [.]terraform[.]$/),
  );
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}1 file .*emulators .* npm run test:all -- [.]cloud[.]$/));
  expect(lines.filter((line) => line.startsWith("  "))).toHaveLength(2);
});

test("counts the tests that miss a tool, with the line that brings it, and those that skip themselves", () => {
  const table = leftOutTable({
    leftOut: [],
    missing: { tflint: "go install tflint" },
    skipped: [
      { path: "t/a.tflint.test.ts", tests: 3 },
      { path: "t/b.tflint.test.ts", tests: 1 },
      { path: "t/c.test.ts", tests: 2 },
    ],
  });

  expect(table).toMatch(/^ {2}2 files, 4 tests +tflint +go install tflint$/m);
  expect(table).toMatch(/^ {2}2 tests +another machine than this one /m);
});
