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
    const { result } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    for (const { url, functions } of result as { readonly url: string; readonly functions: Measured }[]) {
      const path = url.slice(base.length);
      if (!url.startsWith(base) || path.startsWith("node_modules/")) continue;
      const ofFile = distinct.get(path) ?? new Map();
      distinct.set(path, ofFile.set(JSON.stringify(functions), functions));
    }
  }
  return new Map([...distinct].map(([path, ofFile]) => [path, [...ofFile.values()]]));
}
