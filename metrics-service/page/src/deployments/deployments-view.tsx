// biome-ignore-all lint/a11y/useSemanticElements: a table of which only the rows near the screen exist cannot be made of table elements
// biome-ignore-all lint/a11y/useFocusableInteractive: its rows have links, which have the focus
import { useMemo } from "preact/hooks";
import { type Filter, filterQuery, isNarrowed, matches } from "../filter/filter.ts";
import { useFilter } from "../filter/use-filter.ts";
import { useHeads } from "../live/use-heads.ts";
import { useServiceAddress } from "../live/use-service-address.ts";
import { usePage } from "../page-context.ts";
import { VirtualRows } from "../rows/virtual-rows.tsx";
import { startCommand } from "../shell/client-commands.ts";
import { Empty } from "../shell/empty.tsx";
import { Ended } from "../shell/ended.tsx";
import { Loading } from "../shell/loading.tsx";
import { Told } from "../shell/told.tsx";
import { useMedia } from "../shell/use-media.ts";
import { useTitle } from "../shell/use-title.ts";
import { EventText } from "../text/event-text.tsx";
import { DeploymentRow } from "./deployment-row.tsx";
import { ListFilter } from "./list-filter.tsx";
import { newestFirst } from "./newest-first.ts";
import { useHeldRows } from "./use-held-rows.ts";

const dayMs = 24 * 60 * 60 * 1_000;
const columns = ["State", "Service", "Revision", "Deployment", "By", "Started", "Took"] as const;

const noFilter: Partial<Filter> = { environment: "", service: "", state: "", outcome: "", text: "" };

/** Deployments, newest first, live. */
export function DeploymentsView() {
  const { clock } = usePage();
  const [filter, change] = useFilter();
  const { days } = filter;
  const { heads, version } = useHeads(`deployments ${days}`, () => ({
    deployments: days === "all" ? {} : { createTimeFrom: new Date(clock.nowMs() - days * dayMs).toISOString() },
  }));
  useTitle("Deployments");
  const all = useMemo(() => newestFirst(heads.all), [heads, version]);
  const matching = useMemo(() => all.filter((head) => matches(filter, head)), [all, filter]);
  const rowHeight = useMedia("(max-width: 900px)") ? 90 : 44;
  const { rows, newCount, showNew } = useHeldRows(matching, filterQuery(filter));
  const summary = heads.isComplete ? summaryOf(matching.length, all.length, filter) : "";
  return (
    <>
      <div class="toolbar">
        <h1>Deployments</h1>
        <ListFilter heads={all} filter={filter} change={change} />
      </div>
      <p class="summary muted">{summary}</p>
      <Told text={summary} when={`${heads.isComplete} ${filterQuery(filter)}`} />
      <Ended reason={heads.ended} />
      <Damaged ids={heads.damaged} />
      {newCount > 0 ? (
        <div class="new-rows">
          <button type="button" onClick={showNew}>
            ↑ {newCount} new
          </button>
        </div>
      ) : null}
      {rows.length > 0 ? (
        <div class="list" role="table" aria-label="Deployments" aria-rowcount={rows.length + 1}>
          <div role="rowgroup" class="list-head">
            <div role="row" aria-rowindex={1} class="list-row">
              {columns.map((column) => (
                <span key={column} role="columnheader">
                  {column}
                </span>
              ))}
            </div>
          </div>
          <VirtualRows
            rows={rows}
            keyOf={(head) => head.deploymentId}
            heightOf={() => rowHeight}
            attributes={{ role: "rowgroup" }}
            rowAttributes={(_, index) => ({ role: "row", "aria-rowindex": index + 2 })}
          >
            {(head) => <DeploymentRow head={head} />}
          </VirtualRows>
        </div>
      ) : null}
      {rows.length === 0 && !heads.isComplete ? <Loading what="deployments" /> : null}
      {rows.length === 0 && heads.isComplete ? <NoRows count={all.length} filter={filter} change={change} /> : null}
      {rows.length > 0 && heads.isComplete && days !== "all" ? (
        <p class="more">
          <button type="button" onClick={() => change({ days: "all" })}>
            Show all, also those created more than {days} days ago
          </button>
        </p>
      ) : null}
    </>
  );
}

interface NoRowsProps {
  /** Deployments before the filter. */
  readonly count: number;
  readonly filter: Filter;
  readonly change: (change: Partial<Filter>) => void;
}

function NoRows({ count, filter, change }: NoRowsProps) {
  const serviceAddress = useServiceAddress();
  const isNarrow = isNarrowed(filter);
  const isBounded = filter.days !== "all";
  if (count === 0 && !isBounded) {
    return (
      <Empty title="No deployment was recorded yet." command={startCommand({ serviceAddress })}>
        <p>Record the first event in a terminal. It appears here at once.</p>
      </Empty>
    );
  }
  const title =
    isNarrow && count > 0 ? "No deployment matches this filter." : "No deployment was created in this time.";
  return (
    <Empty title={title} {...(count === 0 && { command: startCommand({ serviceAddress }) })}>
      <p class="buttons">
        {isNarrow ? (
          <button type="button" onClick={() => change(noFilter)}>
            Clear the filter
          </button>
        ) : null}
        {isBounded ? (
          <button type="button" onClick={() => change({ days: "all" })}>
            Look at all times
          </button>
        ) : null}
      </p>
    </Empty>
  );
}

function Damaged({ ids }: { readonly ids: ReadonlySet<string> }) {
  if (ids.size === 0) return null;
  return (
    <div class="banner banner-failure">
      <p>
        <strong>Damaged in the store:</strong>{" "}
        {[...ids].map((id, index) => (
          <span key={id}>
            {index > 0 ? ", " : ""}
            <a href={`/deployments/${id}`}>
              <EventText text={id} />
            </a>
          </span>
        ))}
      </p>
    </div>
  );
}

function summaryOf(matching: number, all: number, filter: Filter): string {
  const time = filter.days === "all" ? "of all times" : `created in the last ${filter.days} days`;
  const count = matching.toLocaleString("en");
  return isNarrowed(filter) ? `${count} of ${all.toLocaleString("en")} ${time}` : `${count} ${time}`;
}
