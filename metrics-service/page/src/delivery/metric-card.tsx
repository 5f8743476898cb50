import type { ComponentChildren } from "preact";

interface MetricCardProps {
  readonly name: string;
  readonly value: string;
  readonly unit?: string;
  /** Second number, beside the first. */
  readonly p90?: string;
  /** Counts behind the number. */
  readonly counts: string;
  readonly definition: string;
  /** What the number does not count. */
  readonly leftOut: readonly string[];
  readonly children?: ComponentChildren;
}

/** One of the five metrics: its number, what it is of, and what it leaves out. */
export function MetricCard({ name, value, unit, p90, counts, definition, leftOut, children }: MetricCardProps) {
  return (
    <section class="card metric" aria-label={name}>
      <h2>{name}</h2>
      <p class="metric-value">
        <strong>{value}</strong>
        {unit === undefined ? null : <span> {unit}</span>}
      </p>
      {p90 === undefined ? null : (
        <p class="metric-p90">
          <strong>{p90}</strong> 90th percentile
        </p>
      )}
      <p class="metric-counts">{counts}</p>
      {children}
      <p class="metric-definition">{definition}</p>
      {leftOut.length === 0 ? null : (
        <p class="metric-left-out">
          <strong>Left out:</strong> {leftOut.join(", ")}.
        </p>
      )}
    </section>
  );
}
