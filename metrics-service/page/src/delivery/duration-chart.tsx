import { useMemo } from "preact/hooks";
import type { DurationBucket } from "../../../src/delivery/metrics-report.ts";
import { ChartFigure } from "./chart-figure.tsx";
import { counted, formatUs } from "./format-numbers.ts";

interface DurationChartProps {
  readonly title: string;
  /** What is counted, one and many. */
  readonly one: string;
  readonly many: string;
  readonly color: "--accent" | "--warning";
  readonly distribution: readonly DurationBucket[];
  readonly medianUs: number | null;
  readonly p90Us: number | null;
}

/** Durations as a distribution, in steps that people name. */
export function DurationChart({ title, one, many, color, distribution, medianUs, p90Us }: DurationChartProps) {
  const { series, ticks, names, total } = useMemo(() => {
    const bars = withoutEmptyEnds(namedBuckets(distribution));
    const values = bars.map(({ count }) => count);
    return {
      series: [{ name: many, color, side: "above" as const, values }],
      ticks: bars.flatMap(({ upToUs }, index) =>
        upToUs === null ? [] : [{ at: index + 0.5, text: formatUs(upToUs) }],
      ),
      names: bars.map(({ name }) => name),
      total: values.reduce((sum, value) => sum + value, 0),
    };
  }, [distribution, many, color]);
  if (total === 0) {
    return (
      <section class="card chart-figure" aria-label={title}>
        <h2>{title}</h2>
        <p class="muted">There are no {many.toLowerCase()} in this time.</p>
      </section>
    );
  }
  const summary = `${counted(total, one, many.toLowerCase())}: half within ${formatUs(medianUs)}, 90 % within ${formatUs(p90Us)}.`;
  return (
    <ChartFigure title={title} summary={summary} series={series} ticks={ticks} names={names} nameColumn="Duration" />
  );
}

interface NamedBucket extends DurationBucket {
  readonly name: string;
}

function namedBuckets(distribution: readonly DurationBucket[]): NamedBucket[] {
  return distribution.map((bucket, index) => {
    const aboveUs = distribution[index - 1]?.upToUs;
    const upTo = formatUs(bucket.upToUs);
    const name =
      aboveUs === undefined || aboveUs === null
        ? `up to ${upTo}`
        : bucket.upToUs === null
          ? `above ${formatUs(aboveUs)}`
          : `${formatUs(aboveUs)} to ${upTo}`;
    return { ...bucket, name };
  });
}

/** One empty bucket stays at each end, so that the first and the last bar do not look cut off. */
function withoutEmptyEnds(buckets: readonly NamedBucket[]): readonly NamedBucket[] {
  const first = buckets.findIndex(({ count }) => count > 0);
  const last = buckets.findLastIndex(({ count }) => count > 0);
  return buckets.slice(Math.max(0, first - 1), last + 2);
}
