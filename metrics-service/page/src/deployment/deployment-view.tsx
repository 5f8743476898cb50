import { useMemo } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { EventLog } from "../live/event-log.ts";
import { useEventLog } from "../live/use-event-log.ts";
import { useServiceAddress } from "../live/use-service-address.ts";
import { startCommand } from "../shell/client-commands.ts";
import { CopyableCommand } from "../shell/copyable-command.tsx";
import { Empty } from "../shell/empty.tsx";
import { Ended } from "../shell/ended.tsx";
import { Loading } from "../shell/loading.tsx";
import { useTitle } from "../shell/use-title.ts";
import { conditionOf, isInFlight } from "../state/condition.ts";
import { ConditionPill } from "../state/condition-pill.tsx";
import { EventText } from "../text/event-text.tsx";
import { visibleText } from "../text/visible-text.ts";
import { formatDuration } from "../time/format-duration.ts";
import { Elapsed } from "../time/times.tsx";
import { Changes } from "./changes.tsx";
import { commandsFor } from "./commands.ts";
import { Facts } from "./facts.tsx";
import { type FoldedHead, headOfEvents } from "./head-of-events.ts";
import { Timeline } from "./timeline.tsx";

/** One deployment, live while it runs. */
export function DeploymentView() {
  const { rest = "" } = useRoute() as { readonly rest?: string };
  const deploymentId = decoded(rest.slice(1));
  // Another deployment is another view: nothing of the last one stays.
  return <Deployment key={deploymentId} deploymentId={deploymentId} />;
}

function Deployment({ deploymentId }: { readonly deploymentId: string }) {
  const log = useEventLog(deploymentId);
  const serviceAddress = useServiceAddress();
  const { events } = log;
  const head = useMemo(() => headOfEvents(events), [events]);
  useTitle(visibleText(`${head.service ?? ""} ${head.revision ?? ""}`.trim() || deploymentId));
  if (events.length === 0) return <NoEvents deploymentId={deploymentId} log={log} />;
  return (
    <>
      <div class="toolbar">
        <Heading deploymentId={deploymentId} head={head} />
      </div>
      <Ended reason={log.ended?.message} />
      <div class="deployment">
        <section class="card timeline" aria-labelledby="timeline">
          <h2 id="timeline">
            Timeline <span class="count">{events.length.toLocaleString("en")}</span>
          </h2>
          <Timeline events={events} eventTimesUs={head.eventTimesUs} isLive={log.isCaughtUp} />
          {isInFlight(conditionOf(head)) && log.isCaughtUp ? (
            <p class="muted waiting">Waiting for the next event …</p>
          ) : null}
        </section>
        <div class="aside">
          <section class="card" aria-labelledby="changes">
            <h2 id="changes">Since the previous success</h2>
            <Changes deploymentId={deploymentId} head={head} events={events} />
          </section>
          <section class="card" aria-labelledby="details">
            <h2 id="details">Details</h2>
            <Facts deploymentId={deploymentId} head={head} log={log} />
          </section>
          <section class="card" aria-labelledby="terminal">
            <h2 id="terminal">Same in a terminal</h2>
            {commandsFor({ deploymentId, serviceAddress }).map(({ purpose, command }) => (
              <CopyableCommand key={purpose} purpose={purpose} command={command} />
            ))}
          </section>
        </div>
      </div>
    </>
  );
}

function Heading({ deploymentId, head }: { readonly deploymentId: string; readonly head: FoldedHead }) {
  const { service, environment, revision, startUs, finishUs } = head;
  const condition = conditionOf(head);
  const beginUs = startUs ?? head.eventTimesUs[0] ?? 0;
  return (
    <h1 class="deployment-title">
      <EventText text={service || deploymentId} />
      {environment ? (
        <span class="muted">
          <span class="in">in</span> <EventText text={environment} />
        </span>
      ) : null}
      {revision ? (
        <span class="revision">
          <EventText text={revision} />
        </span>
      ) : null}{" "}
      <ConditionPill condition={condition}>
        {isInFlight(condition) ? (
          <Elapsed ms={beginUs / 1_000} />
        ) : startUs !== undefined && finishUs !== undefined ? (
          `after ${formatDuration((finishUs - startUs) / 1_000)}`
        ) : undefined}
      </ConditionPill>
    </h1>
  );
}

function NoEvents({ deploymentId, log }: { readonly deploymentId: string; readonly log: EventLog }) {
  const serviceAddress = useServiceAddress();
  if (log.ended !== undefined) {
    return (
      <Empty isView title="This deployment cannot be shown.">
        <p>
          <EventText text={log.ended.message} />
        </p>
      </Empty>
    );
  }
  if (!log.isCaughtUp) return <Loading what="the deployment" />;
  return (
    <Empty isView title="There is no such deployment." command={startCommand({ serviceAddress, deploymentId })}>
      <p>
        No event of <EventText text={deploymentId} /> was recorded. Its first one will appear here at once.
      </p>
    </Empty>
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
