// biome-ignore-all lint/a11y/useSemanticElements: a table of which only the rows near the screen exist cannot be made of table elements
import type { Head } from "../live/head.ts";
import { durationMs } from "../now/usual-duration.ts";
import { conditionOf, isInFlight } from "../state/condition.ts";
import { ConditionIcon } from "../state/condition-icon.tsx";
import { ConditionPill } from "../state/condition-pill.tsx";
import { EventText } from "../text/event-text.tsx";
import { NameText } from "../text/name-text.tsx";
import { formatDuration } from "../time/format-duration.ts";
import { millisecondsOf } from "../time/microseconds.ts";
import { Ago, Elapsed } from "../time/times.tsx";

/** One deployment of the list. The whole row leads to it. */
export function DeploymentRow({ head }: { readonly head: Head }) {
  const { deploymentId, service, environment, revision, actor, startTime, createTime, incidentTime } = head;
  return (
    <div class="list-row">
      <span role="cell" class="at-state">
        <ConditionPill condition={conditionOf(head)} />
        {incidentTime === undefined ? null : (
          <span class="incident">
            <ConditionIcon shape="incident" /> Incident
          </span>
        )}
      </span>
      <span role="cell" class="at-service">
        <NameText name={service} of="service" />
        <span class="muted"> {environment ? <EventText text={environment} /> : null}</span>
      </span>
      <span role="cell" class="at-revision revision">
        <EventText text={revision ?? ""} />
      </span>
      <span role="cell" class="at-id">
        <a href={`/deployments/${deploymentId}`}>
          <EventText text={deploymentId} />
        </a>
      </span>
      <span role="cell" class="at-actor muted">
        <EventText text={actor ?? ""} />
      </span>
      <span role="cell" class="at-started muted">
        <Ago ms={millisecondsOf(startTime ?? createTime) ?? 0} />
      </span>
      <span role="cell" class="at-took muted">
        <Took head={head} />
      </span>
    </div>
  );
}

function Took({ head }: { readonly head: Head }) {
  if (isInFlight(conditionOf(head))) return <Elapsed ms={millisecondsOf(head.startTime ?? head.createTime) ?? 0} />;
  const tookMs = durationMs(head);
  return <>{tookMs === undefined ? "" : formatDuration(tookMs)}</>;
}
