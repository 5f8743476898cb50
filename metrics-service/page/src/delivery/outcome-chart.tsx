import { useMemo } from "preact/hooks";
import type { DayOutcomes } from "../../../src/delivery/metrics-report.ts";
import { ChartFigure } from "./chart-figure.tsx";
import { counted } from "./format-numbers.ts";

const outcomes = [
  { key: "success", name: "Succeeded", color: "--success", side: "above" },
  { key: "failure", name: "Failed", color: "--failure", side: "below" },
  { key: "error", name: "Error", color: "--warning", side: "below" },
  { key: "canceled", name: "Canceled", color: "--text-muted", side: "below" },
] as const;

const dayName = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
const dayTick = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** Deployments a day by outcome: what succeeded above the axis, what did not below. */
export function OutcomeChart({ days }: { readonly days: readonly DayOutcomes[] }) {
  const { series, ticks, names, summary } = useMemo(() => {
    const dates = days.map(({ day }) => new Date(`${day}T00:00:00Z`));
    const ofDays = outcomes.map(({ key, ...series }) => ({ ...series, values: days.map((day) => day[key]) }));
    const totals = ofDays.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
    const [succeeded = 0, failed = 0, error = 0, canceled = 0] = totals;
    return {
      series: ofDays,
      ticks: dates.map((date, at) => ({ at, text: dayTick.format(date) })),
      names: dates.map((date) => dayName.format(date)),
      summary: `${counted(days.length, "UTC day")}, the first and the last in part: ${succeeded.toLocaleString("en")} succeeded, ${failed.toLocaleString("en")} failed, ${error.toLocaleString("en")} ended by an error, ${canceled.toLocaleString("en")} canceled. One that succeeded and failed later is in both.`,
    };
  }, [days]);
  return (
    <ChartFigure
      title="Deployments a day"
      summary={summary}
      series={series}
      ticks={ticks}
      names={names}
      nameColumn="Day"
    />
  );
}
