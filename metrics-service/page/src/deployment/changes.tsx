import type { EventJson } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { useMemo } from "preact/hooks";
import { useFinished } from "../api/use-finished.ts";
import type { Head } from "../live/head.ts";
import { EventText } from "../text/event-text.tsx";
import { OutwardLink } from "../text/outward-link.tsx";
import { withoutFullStop } from "../text/without-full-stop.ts";
import { millisecondsOf } from "../time/microseconds.ts";
import { Ago } from "../time/times.tsx";
import { compareLink } from "./compare-link.ts";
import type { FoldedHead } from "./head-of-events.ts";
import { previousSuccess } from "./previous-success.ts";

interface ChangesProps {
  readonly deploymentId: string;
  readonly head: FoldedHead;
  readonly events: readonly EventJson[];
}

/** What changed since the previous success of the same service and environment. */
export function Changes({ deploymentId, head, events }: ChangesProps) {
  const { service = "", environment = "", state } = head;
  const finished = useFinished(service, environment, state);
  const beginUs = head.startUs ?? head.eventTimesUs[0] ?? 0;
  const previous = useMemo(
    () => (finished.kind === "loaded" ? previousSuccess(finished.heads, deploymentId, beginUs) : undefined),
    [finished, deploymentId, beginUs],
  );
  if (service === "")
    return <p class="muted">This deployment names no service, so there is nothing to compare it with.</p>;
  if (finished.kind === "loading") return <p class="muted">Loading …</p>;
  if (finished.kind === "failed") return <p class="muted">Not known: {withoutFullStop(finished.reason)}.</p>;
  if (previous === undefined)
    return <p class="muted">No earlier success of this service in this environment is known.</p>;
  return <Comparison previous={previous} head={head} events={events} />;
}

function Comparison({ previous, head, events }: Omit<ChangesProps, "deploymentId"> & { readonly previous: Head }) {
  const compared = useMemo(() => {
    const addresses = [head.url, ...new Set(events.flatMap(({ url, source }) => [url, source])), previous.url];
    return compareLink(addresses, { from: previous.commit ?? "", to: head.commit ?? "" });
  }, [previous, head, events]);
  return (
    <dl class="facts">
      <Change name="Revision" from={previous.revision} to={head.revision} />
      <Change name="Commit" from={previous.commit} to={head.commit} />
      <div>
        <dt>Since</dt>
        <dd>
          <a href={`/deployments/${previous.deploymentId}`}>
            <EventText text={previous.deploymentId} />
          </a>{" "}
          <span class="when">
            · <Ago ms={millisecondsOf(previous.finishTime) ?? 0} />
          </span>
        </dd>
      </div>
      {compared === undefined ? null : (
        <div>
          <dt>Commits</dt>
          <dd>
            <OutwardLink address={compared.href}>Compare on {compared.host}</OutwardLink>
          </dd>
        </div>
      )}
    </dl>
  );
}

interface ChangeProps {
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

function Change({ name, from, to }: ChangeProps) {
  if (!from && !to) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd class="revision">
        {from === to ? (
          <>
            <EventText text={to ?? ""} /> <span class="muted">unchanged</span>
          </>
        ) : (
          <>
            <EventText text={shortened(from)} /> <span aria-hidden="true">→</span>
            <span class="unseen"> to </span> <EventText text={shortened(to)} />
          </>
        )}
      </dd>
    </div>
  );
}

/** Git's hashes are known by their beginning. */
function shortened(name: string | undefined): string {
  if (!name) return "not given";
  return /^[0-9a-f]{40,64}$/.test(name) ? name.slice(0, 10) : name;
}
