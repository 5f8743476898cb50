import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Reads settings of the image's environment whose names begin with a word. */
export function imageSettings(begin: "MALLOC_" | "NODE_OPTIONS"): Record<string, string> {
  const dockerfile = readFileSync(join(import.meta.dirname, "..", "..", "..", "Dockerfile"), "utf8");
  const settings = Object.fromEntries(
    Array.from(dockerfile.matchAll(/^ENV (\w+)=(\S+)$/gm), ([, name = "", value = ""]) => [name, value]).filter(
      ([name]) => name?.startsWith(begin),
    ),
  );
  if (Object.keys(settings).length === 0) throw new Error(`the Dockerfile sets no ${begin} any more`);
  return settings;
}
