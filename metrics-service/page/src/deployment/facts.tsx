import type { ComponentChildren } from "preact";
import type { EventLog } from "../live/event-log.ts";
import { EventText } from "../text/event-text.tsx";
import { OutwardLink } from "../text/outward-link.tsx";
import { formatDuration } from "../time/format-duration.ts";
import { fullTime } from "../time/times.tsx";
import type { FoldedHead } from "./head-of-events.ts";

interface FactsProps {
  readonly deploymentId: string;
  readonly head: FoldedHead;
  readonly log: EventLog;
}

/** What is known of the deployment as a whole. */
export function Facts({ deploymentId, head, log }: FactsProps) {
  const { startUs, finishUs, url } = head;
  const tookMs = startUs === undefined || finishUs === undefined ? undefined : (finishUs - startUs) / 1_000;
  return (
    <dl class="facts">
      <Fact name="Deployment">
        <code>
          <EventText text={deploymentId} />
        </code>
      </Fact>
      <TextFact name="Service" text={head.service} />
      <TextFact name="Environment" text={head.environment} />
      <TextFact name="Revision" text={head.revision} isCode />
      <TextFact name="Commit" text={head.commit} isCode />
      <TextFact name="By" text={head.actor} />
      {startUs === undefined ? null : <Fact name="Started">{fullTime(startUs / 1_000)}</Fact>}
      {finishUs === undefined ? null : <Fact name="Finished">{fullTime(finishUs / 1_000)}</Fact>}
      {tookMs === undefined ? null : <Fact name="Took">{formatDuration(tookMs)}</Fact>}
      <Fact name="Events">
        {log.events.length.toLocaleString("en")}
        {log.isCaughtUp && log.ended === undefined ? ", gapless" : ""}
      </Fact>
      {url ? (
        <Fact name="Page">
          <OutwardLink address={url} />
        </Fact>
      ) : null}
    </dl>
  );
}

interface TextFactProps {
  readonly name: string;
  readonly text: string | undefined;
  readonly isCode?: boolean;
}

function TextFact({ name, text, isCode = false }: TextFactProps) {
  if (!text) return null;
  const shown = <EventText text={text} />;
  return <Fact name={name}>{isCode ? <code>{shown}</code> : shown}</Fact>;
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
