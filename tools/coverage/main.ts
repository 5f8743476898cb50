// `npm run coverage [-- ARGUMENT ...]`: `npm run test:all` with these arguments, and then how much of each
// package they ran, in their own process and in those that they started; what was killed has not told. Ends with 1 when a
// test failed or, after a run of all tests, when less is covered than floors.json says. Outside of CI dist/coverage shows each file.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { belowFloors } from "./below-floors.ts";
import { coverageTable } from "./coverage-table.ts";
import { reportCoverage } from "./report-coverage.ts";

const root = join(import.meta.dirname, "..", "..");
const args = process.argv.slice(2);
// A path or a name selects tests; those alone cannot cover all.
const isWhole = args.every((argument) => argument.startsWith("-"));

const measurements = mkdtempSync(join(tmpdir(), "activity-events-coverage-"));
// Some of what is tested runs as another user.
chmodSync(measurements, 0o777);
process.on("exit", () => rmSync(measurements, { recursive: true, force: true }));
const { status } = spawnSync("npm", ["run", "test:all", "--", ...args], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, COVERAGE_FOLDER: measurements },
});

const pages = process.env.CI ? {} : { pages: join(root, "dist", "coverage") };
const coverage = await reportCoverage({ measurements, root, ...pages });
const floors = JSON.parse(readFileSync(join(import.meta.dirname, "floors.json"), "utf8"));
const below = isWhole ? belowFloors(coverage, floors) : [];
process.stdout.write(`\n${coverageTable(coverage)}\n`);
for (const line of below) process.stdout.write(`coverage: ${line}\n`);
process.exitCode = status === 0 && below.length === 0 ? 0 : 1;
