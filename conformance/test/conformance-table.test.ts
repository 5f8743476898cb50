import { expect, test } from "@jest/globals";
import { checks, readOutcomes } from "../checks.ts";
import { conformanceTable, failures } from "../conformance-table.ts";

const allOk = Object.keys(checks)
  .map((name) => `${name}\tok\n`)
  .join("");

test("has a line for each check and a column for each run", () => {
  const runs = [{ language: "go", route: "directly", outcomes: readOutcomes(allOk) }];

  const lines = conformanceTable(runs).split("\n");

  expect(lines[0]).toMatch(/^ +go directly$/);
  expect(lines).toHaveLength(1 + Object.keys(checks).length);
  for (const line of lines.slice(1)) expect(line).toMatch(/ ok$/);
  expect(failures(runs)).toEqual([]);
});

test("a check that found something else, and one of which nothing was said, have failed", () => {
  const outcomes = readOutcomes(allOk.replace("gzip\tok\n", "").replace("health\tok", "health\tNOT_SERVING"));
  const runs = [{ language: "java", route: "by nginx", outcomes }];

  expect(failures(runs)).toEqual(["java by nginx, health: NOT_SERVING", "java by nginx, gzip: it said nothing"]);
  expect(conformanceTable(runs)).toMatch(/^a request in gzip +FAILED$/m);
});
