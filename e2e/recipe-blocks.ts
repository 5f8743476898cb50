import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "..", "docs", "recipes");
const python = process.env.PYTHON ?? "python3";

/** Blocks of code in a recipe, of one language, in order. */
export function recipeBlocks(recipe: string, language: string): readonly string[] {
  const text = readFileSync(join(folder, `${recipe}.md`), "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, found, block = ""]) =>
    found === language ? [block] : [],
  );
}

/** Checks a file by a schema that check-jsonschema brings; returns its exit code and all that it says. */
export function checkBySchema(file: string, schema: string): { readonly status: number | null; readonly said: string } {
  const args = ["-m", "check_jsonschema", "--builtin-schema", schema, file];
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: "utf8" });
  return { status, said: `${stdout}${stderr}` };
}

/** Returns why this machine cannot check by schemas, if so. */
export function whyNoCheckJsonschema(): string | undefined {
  return spawnSync(python, ["-m", "check_jsonschema", "--version"], { stdio: "ignore" }).status === 0
    ? undefined
    : `${python} has no check-jsonschema; \`pip install check-jsonschema\` brings it, PYTHON names another`;
}
