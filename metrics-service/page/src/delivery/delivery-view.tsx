import type { MetricsReport } from "../../../src/delivery/metrics-report.ts";
import { defaultDays, type Filter } from "../filter/filter.ts";
import { useFilter } from "../filter/use-filter.ts";
import { useServiceAddress } from "../live/use-service-address.ts";
import { successCommand } from "../shell/client-commands.ts";
import { Empty } from "../shell/empty.tsx";
import { Loading } from "../shell/loading.tsx";
import { useTitle } from "../shell/use-title.ts";
import { DurationChart } from "./duration-chart.tsx";
import { counted } from "./format-numbers.ts";
import { MetricCards } from "./metric-cards.tsx";
import { OpenFailures } from "./open-failures.tsx";
import { OutcomeChart } from "./outcome-chart.tsx";
import { ReportFilter } from "./report-filter.tsx";
import { useReport } from "./use-report.ts";

/** Longest window that the server measures. */
const daysMax = 366;

/** The delivery metrics, with their definitions and what they leave out. */
export function DeliveryView() {
  const [filter, change] = useFilter();
  const { service, environment } = filter;
  const days = typeof filter.days === "number" && filter.days <= daysMax ? filter.days : defaultDays;
  const { report, fault, isLoading, again } = useReport({ service, environment, days });
  useTitle("Metrics");
  return (
    <div class="delivery" aria-busy={isLoading}>
      <div class="toolbar">
        <h1>Metrics</h1>
        <ReportFilter
          choices={report?.choices}
          service={service}
          environment={environment}
          days={days}
          change={change}
        />
      </div>
      {fault === undefined ? null : <Fault fault={fault} isOld={report !== undefined} again={again} />}
      {report === undefined ? (
        fault === undefined && <Loading what="the metrics" />
      ) : (
        <div class={isLoading ? "report report-old" : "report"}>
          <Report report={report} change={change} />
        </div>
      )}
    </div>
  );
}

interface FaultProps {
  readonly fault: string;
  /** True if an older report is still shown. */
  readonly isOld: boolean;
  readonly again: () => void;
}

function Fault({ fault, isOld, again }: FaultProps) {
  return (
    <div class="banner banner-failure" role="alert">
      <p>
        <strong>{isOld ? "These metrics are not current." : "The metrics cannot be computed."}</strong> {fault}
      </p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

interface ReportProps {
  readonly report: MetricsReport;
  readonly change: (change: Partial<Filter>) => void;
}

function Report({ report, change }: ReportProps) {
  const { changeFailRate, changeLeadTime, failedDeploymentRecoveryTime: recovery, leftOut } = report;
  const isEmpty = changeFailRate.succeededOrFailed + leftOut.canceled + leftOut.error === 0;
  if (isEmpty) return <NothingFinished report={report} change={change} />;
  return (
    <>
      <MetricCards report={report} />
      {leftOut.unnamed === 0 ? null : (
        <p class="muted">
          {counted(leftOut.unnamed, "deployment")} without a service or an environment: those without one form a group
          of their own.
        </p>
      )}
      <OutcomeChart days={report.days} />
      <div class="distributions">
        <DurationChart
          title="Change lead time"
          one="lead time"
          many="Lead times"
          color="--accent"
          {...changeLeadTime}
        />
        <DurationChart title="Recovery time" one="recovery" many="Recoveries" color="--accent" {...recovery} />
      </div>
      <OpenFailures {...recovery} />
    </>
  );
}

function NothingFinished({ report: { service, environment, window, choices }, change }: ReportProps) {
  const serviceAddress = useServiceAddress();
  const isNarrow = service !== null || environment !== null;
  const isNew = !isNarrow && choices.services.length === 0 && choices.environments.length === 0;
  if (isNew) {
    return (
      <Empty title="Nothing to measure yet." command={successCommand({ serviceAddress })}>
        <p>The metrics begin with the first deployment that finishes.</p>
      </Empty>
    );
  }
  return (
    <Empty title={`No deployment finished ${isNarrow ? "here " : ""}in the last ${counted(window.days, "day")}.`}>
      <p class="buttons">
        {isNarrow ? (
          <button type="button" onClick={() => change({ service: "", environment: "" })}>
            All services and environments
          </button>
        ) : null}
        {window.days < 90 ? (
          <button type="button" onClick={() => change({ days: 90 })}>
            The last 90 days
          </button>
        ) : null}
      </p>
    </Empty>
  );
}
