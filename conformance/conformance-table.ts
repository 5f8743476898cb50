import { checks, type Outcomes } from "./checks.ts";

/** One run of a program: the language, the way to the service, and what it said. */
export interface ConformanceRun {
  readonly language: string;
  readonly route: string;
  readonly outcomes: Outcomes;
}

/** The table of all runs, a check a line, and below it what each failed check found. */
export function conformanceTable(runs: readonly ConformanceRun[]): string {
  const heads = runs.map(({ language, route }) => `${language} ${route}`);
  const cells = runs.map(
    ({ outcomes }) =>
      (name: string) =>
        outcomes.get(name) === "ok" ? "ok" : "FAILED",
  );
  const row = (first: string, others: readonly string[]) =>
    [first.padEnd(50), ...others.map((text, index) => text.padEnd(heads[index]?.length ?? 0))].join("  ").trimEnd();
  return [
    row("", heads),
    ...Object.entries(checks).map(([name, what]) =>
      row(
        what,
        cells.map((cell) => cell(name)),
      ),
    ),
    ...failures(runs).map((failure) => `\n${failure}`),
  ].join("\n");
}

/** Lists the failed checks, one line each; a check without a result has failed. */
export function failures(runs: readonly ConformanceRun[]): readonly string[] {
  return runs.flatMap(({ language, route, outcomes }) =>
    Object.keys(checks)
      .filter((name) => outcomes.get(name) !== "ok")
      .map((name) => `${language} ${route}, ${name}: ${outcomes.get(name) ?? "it said nothing"}`),
  );
}
