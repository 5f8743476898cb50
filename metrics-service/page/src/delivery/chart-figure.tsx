import { useCallback, useState } from "preact/hooks";
import { BarChart, type BarSeries, type BarTick } from "./bar-chart.tsx";

interface ChartFigureProps {
  readonly title: string;
  /** One sentence that says what the chart shows. */
  readonly summary: string;
  readonly series: readonly BarSeries[];
  readonly ticks: readonly BarTick[];
  /** Name of each bar, and of what they are. */
  readonly names: readonly string[];
  readonly nameColumn: string;
}

/** A chart with its legend, what the pointer is at, and the same as a table. */
export function ChartFigure({ title, summary, series, ticks, names, nameColumn }: ChartFigureProps) {
  const [bar, setBar] = useState<number>();
  const onBar = useCallback((index: number | undefined) => setBar(index), []);
  return (
    <figure class="card chart-figure">
      <figcaption>
        <h2>{title}</h2>
        <p>{summary}</p>
      </figcaption>
      <ul class="chart-legend" aria-hidden="true">
        {series.map(({ name, color, side, values }) => (
          <li key={name}>
            <span class={`swatch swatch${color} swatch-${side}`} />
            {name} {bar === undefined ? null : <strong>{values[bar]}</strong>}
          </li>
        ))}
        <li class="chart-bar-name">{bar === undefined ? "" : names[bar]}</li>
      </ul>
      <BarChart series={series} ticks={ticks} onBar={onBar} />
      <details class="chart-table">
        <summary>As a table</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
        <section tabIndex={0} aria-label={`${title}, as a table`}>
          <table>
            <thead>
              <tr>
                {[nameColumn, ...series.map(({ name }) => name)].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {names.map((name, index) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {series.map((each) => (
                    <td key={each.name}>{each.values[index]}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </figure>
  );
}
