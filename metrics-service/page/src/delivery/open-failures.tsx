import type { RecoveryTime } from "../../../src/delivery/metrics-report.ts";
import { ConditionIcon } from "../state/condition-icon.tsx";
import { EventText } from "../text/event-text.tsx";
import { Ago } from "../time/times.tsx";

/** Failures that are not over, newest first. */
export function OpenFailures({ open, openFailures }: Pick<RecoveryTime, "open" | "openFailures">) {
  if (open === 0) return null;
  const rest = open - openFailures.length;
  return (
    <section class="card open-failures" aria-label="Open failures">
      <h2>
        Open failures <span class="count">{open.toLocaleString("en")}</span>
      </h2>
      <ul>
        {openFailures.map(({ deploymentId, service, environment, failureTimeUs }) => (
          <li key={deploymentId}>
            <ConditionIcon shape="incident" />
            <a href={`/deployments/${encodeURIComponent(deploymentId)}`}>
              <EventText text={deploymentId} />
            </a>
            <span class="muted">
              <EventText text={service || "no service"} /> in <EventText text={environment || "no environment"} />,
              failed <Ago ms={failureTimeUs / 1_000} />
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 ? <p class="muted">And {rest.toLocaleString("en")} older ones.</p> : null}
    </section>
  );
}
