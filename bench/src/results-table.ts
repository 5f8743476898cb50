import type { Group, Round } from "./contender.ts";
import type { Outcome } from "./measure-group.ts";
import { quantile, spreadOf } from "./statistics.ts";

/** Formats the rows of one group as Markdown. */
export function resultsTable(group: Group, outcomes: readonly Outcome[]): readonly string[] {
  return [
    `| ${group.title} | unit | median | min | max | p50 ms | p99 ms | client µs | server µs |`,
    "|---|---|---|---|---|---|---|---|---|",
    ...outcomes.flatMap(rowsOf),
  ];
}

function rowsOf(outcome: Outcome): readonly string[] {
  return outcome.contender.measures.map(({ title, unit }, place) => {
    if (outcome.kind === "missing") return `| ${title} | | missing: ${outcome.reason} | | | | | | |`;
    if (outcome.kind === "failed") return `| ${title} | | **failed** | | | | | | |`;
    const { median, min, max } = spreadOf(outcome.rounds.map(({ values }) => values[place] ?? Number.NaN));
    const cells = [title, unit, ...[median, min, max].map(readable), ...detailsOf(outcome.rounds)];
    return `| ${cells.join(" | ")} |`;
  });
}

/** Formats medians of latencies and CPU times; empty if there are none. */
function detailsOf(rounds: readonly Round[]): readonly string[] {
  return [
    rounds.map(({ latency }) => latency?.p50),
    rounds.map(({ latency }) => latency?.p99),
    rounds.map(({ cpu }) => cpu?.clientUs),
    rounds.map(({ cpu }) => cpu?.serverUs),
  ].map((values) => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? "" : readable(quantile(known, 0.5));
  });
}

/** Formats a number with three significant digits and thousands separators. */
function readable(value: number): string {
  const places = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
}
