import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { useMedia } from "../shell/use-media.ts";

/** Bars of one kind. Those below the axis are stacked, the first next to it. */
export interface BarSeries {
  readonly name: string;
  readonly color: "--accent" | "--success" | "--failure" | "--warning" | "--text-muted";
  readonly side: "above" | "below";
  readonly values: readonly number[];
}

/** Label under the axis, at a place between bars or at one: bar 2 is at 2, the space behind it at 2.5. */
export interface BarTick {
  readonly at: number;
  readonly text: string;
}

interface BarChartProps {
  readonly series: readonly BarSeries[];
  readonly ticks: readonly BarTick[];
  /** Called with the bar under the pointer, undefined when it leaves. */
  readonly onBar: (index: number | undefined) => void;
}

const height = 220;
const tickWidth = 64;

/** Bars on a canvas. Says nothing to a screen reader: its figure has a summary and a table. */
export function BarChart({ series, ticks, onBar }: BarChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const isDark = useMedia("(prefers-color-scheme: dark)");
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // A canvas keeps the colours with which it was drawn.
  useEffect(() => {
    const element = place.current;
    if (element === null || width === 0) return undefined;
    const drawn = new uPlot(
      optionsOf({ series, ticks, onBar, width, style: getComputedStyle(element) }),
      dataOf(series),
    );
    element.append(drawn.root);
    return () => drawn.destroy();
  }, [series, ticks, onBar, width, isDark]);
  return <div class="chart" ref={place} aria-hidden="true" />;
}

interface DrawOptions extends BarChartProps {
  readonly width: number;
  readonly style: CSSStyleDeclaration;
}

function optionsOf({ series, ticks, onBar, width, style }: DrawOptions): uPlot.Options {
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--text-muted"),
    font: `12px ${style.fontFamily}`,
    ticks: { show: false },
    grid: { stroke: color("--line"), width: 1 },
  };
  const shown = shownTicks(ticks, width);
  return {
    width,
    height,
    padding: [8, 24, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false, setScale: false } },
    hooks: { setCursor: [({ cursor: { idx, left = -1 } }) => onBar(left < 0 ? undefined : (idx ?? undefined))] },
    scales: {
      x: { time: false, range: (_, min, max) => [(min ?? 0) - 0.6, (max ?? 0) + 0.6] },
      y: { range: (_, min, max) => [Math.min(0, min ?? 0), Math.max(1, max ?? 1)] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        grid: { show: false },
        splits: () => shown.map(({ at }) => at),
        values: () => shown.map(({ text }) => text),
      },
      { ...axis, size: 44, incrs: wholeSteps, values: (_, splits) => splits.map((value) => `${Math.abs(value)}`) },
    ],
    series: [
      {},
      ...drawingOrder(series).map(({ name, color: fill }) => ({
        label: name,
        fill: color(fill),
        width: 0,
        points: { show: false },
        paths: (uPlot.paths.bars as NonNullable<typeof uPlot.paths.bars>)({ size: [0.78, 36], radius: 0.08 }),
      })),
    ],
  };
}

const wholeSteps = [1, 10, 100, 1_000, 10_000, 100_000].flatMap((power) => [power, 2 * power, 5 * power]);

/** Every so many that their texts do not run into each other; the last one always. */
function shownTicks(ticks: readonly BarTick[], width: number): readonly BarTick[] {
  const step = Math.max(1, Math.ceil((ticks.length * tickWidth) / Math.max(1, width - 60)));
  return ticks.filter((_, index) => (ticks.length - 1 - index) % step === 0);
}

/** The far end of a stack is drawn first, so that what is nearer covers it. */
function drawingOrder(series: readonly BarSeries[]): readonly BarSeries[] {
  return series.toReversed();
}

function dataOf(series: readonly BarSeries[]): uPlot.AlignedData {
  const count = series[0]?.values.length ?? 0;
  const sums = { above: new Array<number>(count).fill(0), below: new Array<number>(count).fill(0) };
  const stacked = series.map(({ side, values }) => {
    const sum = sums[side];
    values.forEach((value, index) => {
      sum[index] = (sum[index] ?? 0) + value;
    });
    // A bar of 0 would be a dash on the axis.
    return sum.map((value) => (value === 0 ? null : side === "above" ? value : -value));
  });
  return [Array.from({ length: count }, (_, index) => index), ...stacked.toReversed()];
}
