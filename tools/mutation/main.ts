// `npm run mutation -- PATH ... [--sample N] [--seed N] [--tests PATH]...`: plants small faults, one at a time, in a
// copy of the files under these paths, and runs the tests of their area, or the given ones. Prints each unnoticed fault
// and the total. Without a sample it takes hours. It prints the seed first; the same seed selects the same faults.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Area, areaOf } from "./areas.ts";
import { type Mutant, mutantsOf, mutate } from "./mutants.ts";
import { nearestTests } from "./nearest-tests.ts";
import { type Ending, runTests } from "./run-tests.ts";
import { sample } from "./sample.ts";
import { makeWorkingCopy, removeWorkingCopy } from "./working-copy.ts";

const root = join(import.meta.dirname, "..", "..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: "string" }, seed: { type: "string" }, tests: { type: "string", multiple: true } },
});
const given: Area | undefined = values.tests && { sources: "", tests: values.tests };
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
    const area = given ?? areaOf(file);
    if (area === undefined) return [];
    return mutantsOf(readFileSync(join(root, file), "utf8")).map((mutant) => ({ ...mutant, file, area }));
  });
const chosen = sample(all, Number(values.sample ?? all.length), seed);
process.stdout.write(`${chosen.length} of ${all.length} faults; SEED ${seed}\n`);

const copy = makeWorkingCopy();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
process.on("exit", () => removeWorkingCopy(copy));
// Time limit of the tests nearest to a fault, in ms.
const nearestMsMax = 180_000;
const limits = new Map<string, number>();
for (const area of new Set(chosen.map((mutant) => mutant.area))) await limitOf(area, "node-alone");
let noticed = 0;
for (const [index, mutant] of chosen.entries()) {
  process.stderr.write(`${index + 1} of ${chosen.length}: ${mutant.file}:${mutant.line}\n`);
  const ending = await outcomeOf(mutant);
  if (ending === "passed") {
    const { file, line, before, by } = mutant;
    process.stdout.write(`survived: ${file}:${line}: ${inOneLine(before)} -> ${by}\n`);
    continue;
  }
  if (ending === "late") process.stderr.write("noticed by its tests' hanging\n");
  noticed += 1;
}
const share = ((100 * noticed) / Math.max(1, chosen.length)).toFixed(1);
process.stdout.write(`${noticed} of ${chosen.length} noticed, ${share} %\n`);
process.exitCode = chosen.length > 0 ? 0 : 1;

/**
 * Returns the time limit of the tests, in ms, after which a fault has made them hang. Throws if they fail without a
 * fault.
 */
async function limitOf(area: Area, selection: "node-alone" | "all"): Promise<number> {
  const key = `${area.tests} ${selection}`;
  const known = limits.get(key);
  if (known !== undefined) return known;
  const begunMs = performance.now();
  if ((await runTests(copy, area, selection, 1_800_000)) !== "passed")
    throw new Error(`the tests ${area.tests.join(" ")} fail without a fault`);
  const limitMs = 60_000 + 3 * (performance.now() - begunMs);
  limits.set(key, limitMs);
  return limitMs;
}

/** Runs the tests that import the file, which notice soonest, then those of the area. */
async function outcomeOf({ file, area, ...mutant }: Planted): Promise<Ending> {
  const files = nearestTests(copy, area, file);
  const nearest = () => runTests(copy, area, { files }, nearestMsMax);
  let ending: Ending = files.length > 0 ? await withFault(file, mutant, nearest) : "passed";
  for (const selection of ["node-alone", "all"] as const) {
    if (ending !== "passed" || (selection === "all" && !area.needsMore)) continue;
    const limitMs = await limitOf(area, selection);
    ending = await withFault(file, mutant, () => runTests(copy, area, selection, limitMs));
  }
  return ending;
}

async function withFault(file: string, mutant: Mutant, run: () => Promise<Ending>): Promise<Ending> {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, mutate(text, mutant));
  try {
    return await run();
  } finally {
    writeFileSync(path, text);
  }
}

function inOneLine(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
