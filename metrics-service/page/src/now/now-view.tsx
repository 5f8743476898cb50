import { useMemo } from "preact/hooks";
import { allOr, Choice } from "../filter/choice.tsx";
import { useFilter } from "../filter/use-filter.ts";
import { useHeads } from "../live/use-heads.ts";
import { useServiceAddress } from "../live/use-service-address.ts";
import { startCommand } from "../shell/client-commands.ts";
import { Empty } from "../shell/empty.tsx";
import { Ended } from "../shell/ended.tsx";
import { Loading } from "../shell/loading.tsx";
import { useTitle } from "../shell/use-title.ts";
import { boardOf } from "./board.ts";
import { BoardTable } from "./board-table.tsx";
import { InFlight } from "./in-flight.tsx";

/** What runs where, and what is being rolled out. */
export function NowView() {
  const [{ environment, service }, change] = useFilter();
  const { heads, version } = useHeads("now", () => ({ now: {} }));
  const serviceAddress = useServiceAddress();
  useTitle("Now");
  const board = useMemo(() => boardOf(heads.all), [heads, version]);
  const services = board.services.filter((each) => service === "" || each === service);
  const environments = board.environments.filter((each) => environment === "" || each === environment);
  const hasMatch = services.some((row) => environments.some((column) => board.cell(row, column) !== undefined));
  return (
    <>
      <div class="toolbar">
        <h1>Now</h1>
        <form aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
          <Choice
            label="Environment"
            value={environment}
            options={allOr(board.environments.filter((each) => each !== ""))}
            onChange={(value) => change({ environment: value })}
          />
          <Choice
            label="Service"
            value={service}
            options={allOr(board.services.filter((each) => each !== ""))}
            onChange={(value) => change({ service: value })}
          />
        </form>
      </div>
      <Ended reason={heads.ended} />
      {!hasMatch && !heads.isComplete ? <Loading what="what runs now" /> : null}
      {hasMatch ? (
        <>
          <InFlight board={board} services={services} environments={environments} filter={{ environment, service }} />
          <BoardTable board={board} services={services} environments={environments} />
        </>
      ) : null}
      {!hasMatch && heads.isComplete && board.services.length > 0 ? (
        <Empty title="Nothing matches this filter.">
          <button type="button" onClick={() => change({ environment: "", service: "" })}>
            Clear the filter
          </button>
        </Empty>
      ) : null}
      {heads.isComplete && board.services.length === 0 ? (
        <Empty title="No service was deployed yet." command={startCommand({ serviceAddress })}>
          <p>Record a deployment in a terminal. It appears here at once.</p>
        </Empty>
      ) : null}
    </>
  );
}
