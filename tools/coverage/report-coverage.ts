import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CoverageReport, type V8CoverageEntry } from "monocart-coverage-reports";
import { measuredFiles, packageOf } from "./measured-files.ts";
import { type Measured, readMeasurements } from "./read-measurements.ts";

/** A covered share. */
export interface Share {
  readonly covered: number;
  readonly total: number;
}

/** Coverage of a package. Lines are those with code: no comments, no types. */
export interface PackageCoverage {
  readonly lines: Share;
  readonly branches: Share;
  readonly files: number;
}

/**
 * Computes the coverage of every package of the repository at `root`, by name; files that no process loaded count as
 * not covered. With `pages`, writes a page for each file into that folder. Throws if nothing was measured.
 */
export async function reportCoverage(options: {
  readonly measurements: string;
  readonly root: string;
  readonly pages?: string;
}): Promise<ReadonlyMap<string, PackageCoverage>> {
  const { measurements, root, pages } = options;
  const measured = readMeasurements(measurements, root);
  const files = measuredFiles(root);
  if (!files.some((file) => measured.has(file))) throw new Error("nothing was measured of any file of the repository");
  const scratch = pages ?? mkdtempSync(join(tmpdir(), "activity-events-coverage-report-"));
  try {
    const report = new CoverageReport({
      logging: "error",
      name: "Activity Events",
      outputDir: scratch,
      baseDir: root,
      reports: pages === undefined ? [] : ["v8"],
    });
    await report.add(files.flatMap((file) => entriesOf(root, file, measured.get(file))));
    const results = await report.generate();
    return sumUp(results?.files ?? []);
  } finally {
    if (pages === undefined) rmSync(scratch, { recursive: true, force: true });
  }
}

function entriesOf(root: string, file: string, measured: readonly Measured[] = []): V8CoverageEntry[] {
  const path = join(root, file);
  const text = readFileSync(path, "utf8");
  // As Node ran it, because the counts refer to offsets in this text.
  const source = file.endsWith(".ts") ? stripTypeScriptTypes(text) : text;
  const entry = { url: pathToFileURL(path).href, source };
  if (measured.length === 0) return [{ ...entry, empty: true }];
  return measured.map((functions) => ({ ...entry, functions: [...functions] }));
}

function sumUp(
  files: readonly {
    readonly sourcePath: string;
    readonly summary: { readonly lines: Share; readonly branches: Share };
  }[],
): ReadonlyMap<string, PackageCoverage> {
  const packages = new Map<string, PackageCoverage>();
  for (const { sourcePath, summary } of files) {
    const name = packageOf(sourcePath);
    const { lines, branches, files } = packages.get(name) ?? { lines: none, branches: none, files: 0 };
    packages.set(name, {
      lines: plus(lines, summary.lines),
      branches: plus(branches, summary.branches),
      files: files + 1,
    });
  }
  return new Map([...packages].sort(([a], [b]) => a.localeCompare(b)));
}

const none: Share = { covered: 0, total: 0 };

function plus(a: Share, b: Share): Share {
  return { covered: a.covered + b.covered, total: a.total + b.total };
}
