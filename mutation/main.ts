// `npm run mutation -- PATH ... [--sample N] [--seed N]`: plants small faults, one at a time, in a copy of the files under
// these paths, and runs the tests that should notice. Prints each that they did not, and how many they did. Without a
// sample it takes hours; the seed, which is printed first, chooses the same faults again.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Area, areaOf } from "./areas.ts";
import { type Mutant, mutantsOf, mutate } from "./mutants.ts";
import { type Ending, runTests, type Selection } from "./run-tests.ts";
import { sample } from "./sample.ts";
import { makeWorkingCopy, removeWorkingCopy } from "./working-copy.ts";

const root = join(import.meta.dirname, "..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: "string" }, seed: { type: "string" } },
});
const seed = Number(values.seed ?? Date.now() % 100_000);

interface Planted extends Mutant {
  readonly file: string;
  readonly area: Area;
}

const all = globSync(
  positionals.map((path) => (path.endsWith(".ts") ? path : `${path}/**/*.ts`)),
  { cwd: root },
)
  .sort()
  .flatMap((file): Planted[] => {
    const area = areaOf(file);
    if (area === undefined) return [];
    return mutantsOf(readFileSync(join(root, file), "utf8")).map((mutant) => ({ ...mutant, file, area }));
  });
const chosen = sample(all, Number(values.sample ?? all.length), seed);
process.stdout.write(`${chosen.length} of ${all.length} faults; SEED ${seed}\n`);

const copy = makeWorkingCopy();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
process.on("exit", () => removeWorkingCopy(copy));
const limits = new Map<Area, number>();
for (const area of new Set(chosen.map((mutant) => mutant.area))) limits.set(area, await limitOf(area));
let noticed = 0;
for (const [index, mutant] of chosen.entries()) {
  process.stderr.write(`${index + 1} of ${chosen.length}: ${mutant.file}:${mutant.line}\n`);
  const ending = await outcomeOf(mutant);
  if (ending === "passed") {
    const { file, line, before, by } = mutant;
    process.stdout.write(`survived: ${file}:${line}: ${inOneLine(before)} -> ${by}\n`);
  } else noticed += 1;
}
const share = ((100 * noticed) / Math.max(1, chosen.length)).toFixed(1);
process.stdout.write(`${noticed} of ${chosen.length} noticed, ${share} %\n`);
process.exitCode = chosen.length > 0 ? 0 : 1;

/** Time in ms after which a fault has made the tests hang; throws when they fail without any fault. */
async function limitOf(area: Area): Promise<number> {
  const begunMs = performance.now();
  if ((await runTests(copy, area, selectionsOf(area).at(-1) ?? "all", 1_800_000)) !== "passed")
    throw new Error(`the tests of ${area.sources} fail without a fault`);
  return 60_000 + 3 * (performance.now() - begunMs);
}

function selectionsOf({ needsMore = false }: Area): readonly Selection[] {
  return needsMore ? ["node-alone", "all"] : ["node-alone"];
}

/** Runs the tests that import the file first, since they notice soonest, and then the area's. */
async function outcomeOf({ file, area, ...mutant }: Planted): Promise<Ending> {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, mutate(text, mutant));
  try {
    let ending: Ending = "passed";
    for (const selection of [{ related: file }, ...selectionsOf(area)]) {
      if (ending === "passed") ending = await runTests(copy, area, selection, limits.get(area) ?? 0);
    }
    return ending;
  } finally {
    writeFileSync(path, text);
  }
}

function inOneLine(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
