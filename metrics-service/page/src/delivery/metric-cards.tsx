import type { MetricsReport } from "../../../src/delivery/metrics-report.ts";
import { counted, formatRate, formatShare, formatUs } from "./format-numbers.ts";
import { MetricCard } from "./metric-card.tsx";

/** The five metrics. */
export function MetricCards({ report }: { readonly report: MetricsReport }) {
  const { deploymentFrequency, changeFailRate, reworkRate, window } = report;
  const { value, unit } = formatRate(deploymentFrequency.perDay);
  return (
    <div class="metrics">
      <MetricCard
        name="Deployment frequency"
        value={value}
        unit={unit}
        counts={`${counted(deploymentFrequency.succeeded, "deployment")} succeeded in ${counted(window.days, "day")}.`}
        definition="How often a deployment succeeds."
        leftOut={stoppedOf(report)}
      />
      <LeadTimeCard {...report.changeLeadTime} />
      <MetricCard
        name="Change fail rate"
        value={formatShare(changeFailRate.share)}
        counts={`${counted(changeFailRate.failed, "deployment")} of ${changeFailRate.succeededOrFailed.toLocaleString("en")} failed.`}
        definition="Share of deployments that failed, among those that succeeded or failed. A rollback and an incident are failures, also after a success."
        leftOut={stoppedOf(report)}
      />
      <RecoveryCard {...report.failedDeploymentRecoveryTime} />
      <MetricCard
        name="Rework rate"
        value={formatShare(reworkRate.share)}
        counts={`${reworkRate.rework.toLocaleString("en")} of ${counted(reworkRate.succeeded, "succeeded deployment")} ended a failure.`}
        definition="Share of succeeded deployments that were the next success after a failure of the same service and environment."
        leftOut={[]}
      />
    </div>
  );
}

function LeadTimeCard(leadTime: MetricsReport["changeLeadTime"]) {
  const { medianUs, p90Us, counted: count, succeeded, withoutCommitTime, commitAfterFinish } = leadTime;
  const leftOut = [
    withoutCommitTime === 0 ? [] : `${counted(withoutCommitTime, "deployment")} without a commit time`,
    commitAfterFinish === 0 ? [] : `${counted(commitAfterFinish, "deployment")} whose commit is later than the finish`,
  ].flat();
  return (
    <MetricCard
      name="Change lead time"
      value={formatUs(medianUs)}
      unit="median"
      p90={formatUs(p90Us)}
      counts={`${count.toLocaleString("en")} of ${counted(succeeded, "succeeded deployment")} measured.`}
      definition="Time from the commit to the finish of the deployment that brought it."
      leftOut={leftOut}
    />
  );
}

function RecoveryCard(recovery: MetricsReport["failedDeploymentRecoveryTime"]) {
  const { medianUs, p90Us, failed, recovered, byResolution, bySuccess, open } = recovery;
  const ends = `${byResolution.toLocaleString("en")} by a resolved incident, ${bySuccess.toLocaleString("en")} by the next success`;
  return (
    <MetricCard
      name="Failed deployment recovery time"
      value={formatUs(medianUs)}
      unit="median"
      p90={formatUs(p90Us)}
      counts={`${recovered.toLocaleString("en")} of ${counted(failed, "failure")} over${recovered === 0 ? "" : `: ${ends}`}.`}
      definition="Time from a failure to its incident's resolution or to the next success of the same service and environment, whichever is earlier."
      leftOut={open === 0 ? [] : [`${counted(open, "failure")} still open`]}
    />
  );
}

/** Deployments that neither succeeded nor failed. */
function stoppedOf({ leftOut: { canceled, error, withoutFinishTime } }: MetricsReport): string[] {
  return [
    canceled === 0 ? [] : `${canceled.toLocaleString("en")} canceled`,
    error === 0 ? [] : `${error.toLocaleString("en")} ended by an error`,
    withoutFinishTime === 0 ? [] : `${withoutFinishTime.toLocaleString("en")} without a finish time, at any time`,
  ].flat();
}
