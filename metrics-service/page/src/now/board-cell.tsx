import type { ComponentChildren } from "preact";
import type { Head } from "../live/head.ts";
import { type Condition, conditionOf, conditionWords } from "../state/condition.ts";
import { ConditionIcon } from "../state/condition-icon.tsx";
import { EventText } from "../text/event-text.tsx";
import { visibleText } from "../text/visible-text.ts";
import { millisecondsOf } from "../time/microseconds.ts";
import { Ago, Elapsed } from "../time/times.tsx";
import { beginOf, type Cell, endOf } from "./board.ts";

/** Deployments in flight that a cell shows one by one. */
const inFlightMax = 2;

/** What runs, and what happened since: a line each, a shape, a word and a colour each. */
export function BoardCell({ cell }: { readonly cell: Cell | undefined }) {
  if (cell === undefined) {
    return (
      <span class="muted">
        <span aria-hidden="true">–</span>
        <span class="unseen">never deployed</span>
      </span>
    );
  }
  const { running, removed, inFlight, mishap } = cell;
  return (
    <div class="cell">
      {running === undefined ? null : <Running head={running} />}
      {removed === undefined ? null : (
        <Note head={removed} shape="removed" word="Removed">
          <Ago ms={millisecondsOf(removed.removeTime) ?? 0} />
        </Note>
      )}
      {running === undefined && removed === undefined ? <p class="muted">Nothing runs yet</p> : null}
      {inFlight.slice(0, inFlightMax).map((head) => (
        <Note key={head.deploymentId} head={head} shape={conditionOf(head)} word={conditionWords[conditionOf(head)]}>
          <Elapsed ms={beginOf(head) / 1_000} />
        </Note>
      ))}
      {inFlight.length > inFlightMax ? (
        <p class="muted">and {(inFlight.length - inFlightMax).toLocaleString("en")} more in flight</p>
      ) : null}
      {mishap === undefined ? null : (
        <Note head={mishap} shape={conditionOf(mishap)} word={conditionWords[conditionOf(mishap)]}>
          <Ago ms={endOf(mishap) / 1_000} />
        </Note>
      )}
    </div>
  );
}

function Running({ head }: { readonly head: Head }) {
  const { deploymentId, revision, actor, incidentTime } = head;
  return (
    <div class="runs">
      <a class="pill pill-succeeded" href={`/deployments/${deploymentId}`} title={visibleText(revision ?? "")}>
        <ConditionIcon shape="succeeded" />
        <span class="unseen">Runs </span>
        <EventText text={revision || "no revision"} />
      </a>
      <p class="muted">
        <Ago ms={endOf(head) / 1_000} />
        {actor ? (
          <>
            {" · "}
            <EventText text={actor} />
          </>
        ) : null}
      </p>
      {incidentTime === undefined ? null : (
        <Note head={head} shape="incident" word="Incident">
          <Elapsed ms={millisecondsOf(incidentTime) ?? 0} />
        </Note>
      )}
    </div>
  );
}

interface NoteProps {
  readonly head: Head;
  readonly shape: Condition | "removed" | "incident";
  readonly word: string;
  /** When. */
  readonly children: ComponentChildren;
}

/** What else is to be known of a cell. */
function Note({ head, shape, word, children }: NoteProps) {
  const { deploymentId, revision, actor } = head;
  const isOfRunning = shape === "incident" || shape === "removed";
  return (
    <p class={`note note-${shape}`}>
      <a href={`/deployments/${deploymentId}`}>
        <span class="word">
          <ConditionIcon shape={shape} />
          {word}
        </span>{" "}
        {revision && !isOfRunning ? (
          <span class="revision">
            <EventText text={revision} />
          </span>
        ) : null}
      </a>{" "}
      <span class="muted">
        {children}
        {actor && !isOfRunning ? (
          <>
            {" · "}
            <EventText text={actor} />
          </>
        ) : null}
      </span>
    </p>
  );
}
