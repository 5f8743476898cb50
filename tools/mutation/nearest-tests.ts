import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Area } from "./areas.ts";

/** Lists the area's test files that import a source file directly, as paths in the copy; they are few and notice soonest. */
export function nearestTests(copy: string, { tests }: Area, file: string): readonly string[] {
  return globSync(
    tests.map((path) => (path.endsWith("/") ? `${path}**/*.test.ts` : `${path}*.test.ts`)),
    { cwd: copy },
  )
    .sort()
    .filter((test) => readFileSync(join(copy, test), "utf8").includes(`/${basename(file)}"`));
}
