// `npm run coverage [-- ARGUMENT ...]`: runs `npm run test:all` with these arguments and measures the coverage of each
// package, in the tests' process and its children; killed processes report nothing. Exits with 1 if a test failed or,
// after a run of all tests, if coverage is below floors.json. Outside of CI, dist/coverage shows each file.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { belowFloors } from "./below-floors.ts";
import { coverageTable } from "./coverage-table.ts";
import { reportCoverage } from "./report-coverage.ts";

const root = join(import.meta.dirname, "..", "..");
const args = process.argv.slice(2);
// A path or name selects some tests, which cannot cover everything.
const isWhole = args.every((argument) => argument.startsWith("-"));

const measurements = mkdtempSync(join(tmpdir(), "activity-events-coverage-"));
// Some tested processes run as another user.
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
