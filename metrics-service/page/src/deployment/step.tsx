import type { EventJson } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { JsonValue } from "@bufbuild/protobuf";
import { isRedacted } from "../live/redacted-event.ts";
import { EventText } from "../text/event-text.tsx";
import { LongText } from "../text/long-text.tsx";
import { OutwardLink } from "../text/outward-link.tsx";
import { visibleText } from "../text/visible-text.ts";
import { formatDuration } from "../time/format-duration.ts";
import { ClockTime, fullTime } from "../time/times.tsx";
import { DataTree } from "./data-tree.tsx";
import { useOpen } from "./open-parts.ts";
import { severityWord, toneOf, wordsOf } from "./step-kind.ts";
import { StepMark } from "./step-mark.tsx";
import { Unfolding } from "./unfolding.tsx";

/** An event with its event time, and that of the one before. */
export interface TimelineStep {
  readonly event: EventJson;
  readonly timeMs: number;
  readonly previousMs: number | undefined;
}

/** One event of the timeline. */
export function Step({ step }: { readonly step: TimelineStep }) {
  const { event, timeMs, previousMs } = step;
  const { message = "", sequence = "" } = event;
  const [isRaw, setRaw] = useOpen(`${sequence}/json`);
  return (
    <div class={`step step-${toneOf(event)}`}>
      <div class="step-time">
        <ClockTime ms={timeMs} />
        {previousMs === undefined ? null : (
          <span class="step-gap" title={fullTime(timeMs)}>
            {timeMs < previousMs ? "−" : "+"} {formatDuration(timeMs - previousMs)}
          </span>
        )}
      </div>
      <div class="step-mark" aria-hidden="true">
        <StepMark tone={toneOf(event)} />
      </div>
      <div class="step-body">
        <StepHead event={event} />
        {isRedacted(event) ? <p class="step-message">(redacted)</p> : null}
        {message === "" ? null : (
          <p class="step-message">
            <LongText text={message} />
          </p>
        )}
        <Labels labels={event.labels} />
        <StepMore event={event} />
        {isRaw ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          <pre class="json" tabIndex={0}>
            {visibleText(JSON.stringify(event, undefined, 2))}
          </pre>
        ) : null}
      </div>
      <button type="button" class="step-raw" aria-expanded={isRaw} onClick={() => setRaw(!isRaw)}>
        JSON<span class="unseen"> of event {sequence}</span>
      </button>
    </div>
  );
}

/** What kind of event it is, of which revision and by whom. Empty for plain progress. */
function StepHead({ event }: { readonly event: EventJson }) {
  const { type = "", actor, revision } = event;
  const words = wordsOf(event);
  const severity = severityWord(event);
  const isUnknownType = words === undefined && type !== "deployment.progress";
  return (
    <p class="step-head">
      {severity === undefined ? null : <span class="severity">{severity}</span>}
      {words === undefined ? null : <strong>{words}</strong>}
      {isUnknownType ? (
        <code>
          <EventText text={type} />
        </code>
      ) : null}
      {revision && words !== undefined ? (
        <>
          {" "}
          <span class="revision">
            <EventText text={revision} />
          </span>
        </>
      ) : null}
      {actor ? (
        <span class="muted">
          {" "}
          by <EventText text={actor} />
        </span>
      ) : null}
    </p>
  );
}

/** Links, who recorded it, and data. */
function StepMore({ event }: { readonly event: EventJson }) {
  const { url, source, principal, data, sequence = "" } = event;
  return (
    <div class="step-more">
      {url ? <OutwardLink address={url} /> : null}
      {source && source !== url ? (
        <span class="muted">
          from <OutwardLink address={source} />
        </span>
      ) : null}
      {principal ? (
        <span class="muted">
          recorded by <EventText text={principal} />
        </span>
      ) : null}
      {data === undefined ? null : (
        <Unfolding id={`${sequence}/data`} summary="Data">
          {() => <DataTree id={`${sequence}/data`} value={data as JsonValue} />}
        </Unfolding>
      )}
    </div>
  );
}

function Labels({ labels }: { readonly labels: EventJson["labels"] }) {
  const entries = Object.entries(labels ?? {});
  if (entries.length === 0) return null;
  return (
    <ul class="labels" aria-label="Labels">
      {entries.map(([name, value]) => (
        <li key={name}>
          <EventText text={name} />
          <span class="muted">=</span>
          <EventText text={value} />
        </li>
      ))}
    </ul>
  );
}
