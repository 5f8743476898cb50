import { Fragment } from "preact";
import { type Filter, filterQuery } from "../filter/filter.ts";
import type { Head } from "../live/head.ts";
import { conditionOf } from "../state/condition.ts";
import { ConditionPill } from "../state/condition-pill.tsx";
import { EventText } from "../text/event-text.tsx";
import { NameText } from "../text/name-text.tsx";
import { formatElapsed } from "../time/format-duration.ts";
import { millisecondsOf } from "../time/microseconds.ts";
import { Elapsed } from "../time/times.tsx";
import { useTicked } from "../time/use-ticked.ts";
import { type Board, beginOf, type Cell } from "./board.ts";

interface InFlightProps {
  readonly board: Board;
  readonly services: readonly string[];
  readonly environments: readonly string[];
  /** What Now is narrowed to; goes along to the list. */
  readonly filter: Pick<Filter, "environment" | "service">;
}

/** Cards that are shown: what nobody finished piles up, and the list has the rest. */
const cardsMax = 12;

/** States as the list filters by them, one at a time. */
const stateOf = { running: "RUNNING", queued: "QUEUED" } as const;

/** A card for each deployment under way, newest first. */
export function InFlight({ board, services, environments, filter }: InFlightProps) {
  const cells = services.flatMap((service) => environments.map((environment) => board.cell(service, environment)));
  const cards = cells.flatMap((cell) => cell?.inFlight.map((head) => ({ head, cell })) ?? []);
  cards.sort((one, other) => beginOf(other.head) - beginOf(one.head));
  return (
    <section aria-labelledby="in-flight">
      <h2 id="in-flight">
        In flight {cards.length > 0 ? <span class="count">{cards.length.toLocaleString("en")}</span> : null}
      </h2>
      {cards.length === 0 ? <p class="none">Nothing is being rolled out.</p> : null}
      <ul class="cards">
        {cards.slice(0, cardsMax).map(({ head, cell }) => (
          <li key={head.deploymentId} class="card">
            <Card head={head} cell={cell} />
          </li>
        ))}
      </ul>
      {cards.length > cardsMax ? (
        <p class="more">
          {(["running", "queued"] as const)
            .filter((condition) => cards.some(({ head }) => conditionOf(head) === condition))
            .map((condition, index) => (
              <Fragment key={condition}>
                {index > 0 ? " · " : ""}
                <a href={`/deployments${filterQuery({ ...filter, state: stateOf[condition], days: "all" })}`}>
                  All that are {condition}
                </a>
              </Fragment>
            ))}
        </p>
      ) : null}
    </section>
  );
}

/** One of them. Those without a service have nothing in common, so none is compared with another. */
function Card({ head, cell: { running, usualMs } }: { readonly head: Head; readonly cell: Cell }) {
  const { deploymentId, service = "", environment = "", revision, actor } = head;
  const beginMs = millisecondsOf(head.startTime ?? head.createTime) ?? 0;
  return (
    <>
      <div class="card-line">
        <a class="card-title" href={`/deployments/${deploymentId}`}>
          <EventText text={service || deploymentId} />
        </a>
        <ConditionPill condition={conditionOf(head)}>
          <Elapsed ms={beginMs} />
        </ConditionPill>
      </div>
      <div class="card-line muted">
        <span>
          {service === "" ? "no service · " : null}
          <NameText name={environment} of="environment" />
          {revision ? (
            <>
              {" · "}
              <span class="revision">
                <EventText text={revision} />
              </span>
            </>
          ) : null}
          {service !== "" && running?.revision && running.revision !== revision ? (
            <>
              {" after "}
              <span class="revision">
                <EventText text={running.revision} />
              </span>
            </>
          ) : null}
        </span>
        {actor ? <EventText text={actor} /> : null}
      </div>
      {service === "" ? null : <UsualBar beginMs={beginMs} usualMs={usualMs} />}
    </>
  );
}

/** The elapsed time against what the last successes took. */
function UsualBar({ beginMs, usualMs }: { readonly beginMs: number; readonly usualMs: number | undefined }) {
  const percent = useTicked((nowMs) => (usualMs ? Math.round((100 * Math.max(0, nowMs - beginMs)) / usualMs) : 0));
  if (usualMs === undefined) return <p class="usual muted">No earlier success to compare with</p>;
  const isLate = percent > 100;
  return (
    <>
      <div class={isLate ? "bar bar-late" : "bar"} aria-hidden="true">
        <div style={{ width: `${Math.min(100, percent)}%` }} />
      </div>
      <p class="usual muted">
        {isLate ? "Longer than usual: " : "Usually "}
        {formatElapsed(usualMs)}
        {isLate ? ` is the median, this is at ${percent.toLocaleString("en")} %` : ` · ${percent} %`}
      </p>
    </>
  );
}
