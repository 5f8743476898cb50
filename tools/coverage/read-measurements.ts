import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Functions of a file with their blocks and counts in one process, in V8's format. */
export type Measured = readonly object[];

/**
 * Reads the measurements of a test run for the files under `root`, by path, without duplicates. Source: the files that
 * Node writes into the folder in NODE_V8_COVERAGE.
 */
export function readMeasurements(folder: string, root: string): ReadonlyMap<string, readonly Measured[]> {
  const base = pathToFileURL(`${root}/`).href;
  const distinct = new Map<string, Map<string, Measured>>();
  for (const file of readdirSync(folder)) {
    for (const { url, functions } of measurementsIn(join(folder, file))) {
      const path = url.slice(base.length);
      if (!url.startsWith(base) || path.startsWith("node_modules/")) continue;
      const ofFile = distinct.get(path) ?? new Map();
      distinct.set(path, ofFile.set(JSON.stringify(functions), functions));
    }
  }
  return new Map([...distinct].map(([path, ofFile]) => [path, [...ofFile.values()]]));
}

/** The measurements of one process; none of one that was killed while it wrote them, as tests do. */
function measurementsIn(file: string): readonly { readonly url: string; readonly functions: Measured }[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")).result;
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
