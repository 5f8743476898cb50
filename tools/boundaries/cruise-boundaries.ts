import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cruise, type ICruiseOptions, type ICruiseResult, type IModule } from "dependency-cruiser";
import extractDepcruiseOptions from "dependency-cruiser/config-utl/extract-depcruise-options";

/** One rule that one file or folder breaks. `to` is what the file imports against the rule, if it is about an import. */
export interface Violation {
  readonly rule: string;
  readonly file: string;
  readonly to?: string;
}

/** Result of a cruise: violations in the order of their files, and the modules of the tree that it read. */
export interface Boundaries {
  readonly violations: readonly Violation[];
  readonly modules: readonly string[];
}

type Module = Pick<IModule, "source" | "dependencies">;

// Rules that dependency-cruiser cannot express: its rules are about existing modules, these about missing ones.
const rulesOnWhatIsMissing = {
  "every-adapter-has-a-contract-test": "An adapter that the contract suite never met keeps whatever promises it likes.",
  "every-workspace-is-seen": "A check that found nothing to check has checked nothing.",
  "every-file-is-seen": "A file that the cruise does not read is free of every rule.",
} as const;

/** The name of every rule that holds in this project, with its reason. Source: `.dependency-cruiser.mjs` and this file. */
export async function readRules(): Promise<ReadonlyMap<string, string>> {
  const { ruleSet } = await readOptions();
  const named = [...(ruleSet?.forbidden ?? []), ...(ruleSet?.required ?? [])];
  return new Map([
    ...named.map(({ name = "", comment = "" }): [string, string] => [name, comment]),
    ...Object.entries(rulesOnWhatIsMissing),
  ]);
}

/** Holds every rule against the tree at `root`, an absolute path. The tree is laid out like this project. */
export async function cruiseBoundaries(root: string): Promise<Boundaries> {
  const { output } = await cruise(["."], { ...(await readOptions()), baseDir: root });
  const { modules, summary } = output as ICruiseResult;

  const violations: Violation[] = [
    ...summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, file: from, ...(to !== from && { to }) })),
    ...adaptersWithoutContractTest(root, modules),
    ...workspacesUnseen(root, modules),
    ...filesUnseen(root, modules),
  ];
  return {
    violations: violations.sort((a, b) => `${a.file} ${a.rule}`.localeCompare(`${b.file} ${b.rule}`)),
    modules: modules
      .filter(({ source, coreModule, couldNotResolve }) => !coreModule && !couldNotResolve && !isInstalled(source))
      .map(({ source }) => source),
  };
}

/** The adapters of event-store without a contract test of their name; a store without any adapter is one violation. */
export function adaptersWithoutContractTest(root: string, modules: readonly Module[]): Violation[] {
  const rule = "every-adapter-has-a-contract-test";
  const seen = new Set(modules.map(({ source }) => source));
  const adapters = readdirSync(join(root, "event-store", "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "domain")
    .map(({ name }) => name);
  if (adapters.length === 0) {
    return [{ rule, file: "event-store/src/" }];
  }
  return adapters
    .filter((adapter) =>
      ["", ".cloud"].every((kind) => !seen.has(`event-store/test/${adapter}.contract${kind}.test.ts`)),
    )
    .map((adapter) => ({ rule, file: `event-store/src/${adapter}/` }));
}

/** The workspaces of the root's package.json in which no import of any TypeScript module was seen. */
export function workspacesUnseen(root: string, modules: readonly Module[]): Violation[] {
  const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { workspaces: string[] };
  const importing = modules.filter(({ source, dependencies }) => /[.]ts$/.test(source) && dependencies.length > 0);
  return globSync(workspaces, { cwd: root })
    .filter((folder) => !importing.some(({ source }) => source.startsWith(`${folder}/`)))
    .map((folder) => ({ rule: "every-workspace-is-seen", file: `${folder}/` }));
}

/** The source files on disk that the cruise did not read, whatever kept it from them. */
export function filesUnseen(root: string, modules: readonly Module[]): Violation[] {
  const seen = new Set(modules.map(({ source }) => source));
  return globSync("**/*.{ts,mts,cts,tsx,js,mjs,cjs,jsx}", {
    cwd: root,
    exclude: ["**/node_modules", "tools/boundaries/planted", "dist"],
  })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !seen.has(file))
    .map((file) => ({ rule: "every-file-is-seen", file }));
}

function readOptions(): Promise<ICruiseOptions> {
  return extractDepcruiseOptions(join(import.meta.dirname, "..", "..", ".dependency-cruiser.mjs"));
}

function isInstalled(source: string): boolean {
  return /(^|\/)node_modules\//.test(source);
}
