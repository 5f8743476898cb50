import type { Outcome } from "./measure-group.ts";
import { type RequiredRatio, requiredRatios } from "./required-ratios.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** Formats the required ratios of the measured groups as Markdown; "below" marks missed ones. */
export function ratioTable(outcomes: readonly Outcome[]): readonly string[] {
  const keys = new Set(outcomes.flatMap(({ contender }) => contender.measures.map(({ key }) => key)));
  const lines = requiredRatios
    .filter(({ of }) => keys.has(of))
    .map((required) => line(required, ratioOf(required, outcomes)));
  if (lines.length === 0) return [];
  return ["| Work | Against | Required | Reached (min – max) | |", "|---|---|---|---|---|", ...lines];
}

/** Computes the ratios of successive rounds. */
function ratioOf({ of, to }: RequiredRatio, outcomes: readonly Outcome[]): Spread | undefined {
  const numerators = valuesOf(of, outcomes);
  const denominators = to === undefined ? numerators?.map(() => 1) : valuesOf(to, outcomes);
  if (numerators === undefined || denominators === undefined) return undefined;
  return spreadOf(numerators.map((value, round) => value / (denominators[round] ?? Number.NaN)));
}

function valuesOf(key: string, outcomes: readonly Outcome[]): readonly number[] | undefined {
  for (const outcome of outcomes) {
    const place = outcome.contender.measures.findIndex((measure) => measure.key === key);
    if (place >= 0 && outcome.kind === "measured")
      return outcome.rounds.map(({ values }) => values[place] ?? Number.NaN);
  }
  return undefined;
}

function line({ work, against, bound, to }: RequiredRatio, reached: Spread | undefined): string {
  const unit = to === undefined ? "" : " ×";
  const required = "atLeast" in bound ? `at least ${bound.atLeast}${unit}` : `at most ${bound.atMost}${unit}`;
  if (reached === undefined) return `| ${work} | ${against} | ${required} | | not measured |`;
  const isReached = "atLeast" in bound ? reached.median >= bound.atLeast : reached.median <= bound.atMost;
  const show = (value: number) => value.toFixed(2);
  const found = `${show(reached.median)}${unit} (${show(reached.min)} – ${show(reached.max)})`;
  return `| ${work} | ${against} | ${required} | ${found} | ${isReached ? "ok" : "**below**"} |`;
}
