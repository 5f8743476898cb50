import { useMemo, useState } from "preact/hooks";
import { allOr, Choice } from "../filter/choice.tsx";
import { type Filter, outcomes, states } from "../filter/filter.ts";
import type { Head } from "../live/head.ts";
import { inOrder } from "../now/environment-order.ts";
import { useMedia } from "../shell/use-media.ts";

interface ListFilterProps {
  readonly heads: readonly Head[];
  readonly filter: Filter;
  readonly change: (change: Partial<Filter>) => void;
}

const stateNames = { QUEUED: "queued", RUNNING: "running", FINISHED: "finished", ROLLED_BACK: "rolled back" } as const;
const outcomeNames = { SUCCESS: "success", FAILURE: "failure", CANCELED: "canceled", ERROR: "error" } as const;
const times = ["7", "30", "90", "all"].map((value) => ({
  value,
  name: value === "all" ? "at any time" : `in the last ${value} days`,
}));

/** The filter of the list. Every change goes into the URL. */
export function ListFilter({ heads, filter, change }: ListFilterProps) {
  const isNarrow = useMedia("(max-width: 560px)");
  const [isOpen, setOpen] = useState(false);
  const conditions = [filter.environment, filter.service, filter.state, filter.outcome];
  const count = conditions.filter((condition) => condition !== "").length;
  return (
    <search>
      <form aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
        <label class="choice choice-text">
          <span>Text</span>
          <input
            type="search"
            value={filter.text}
            placeholder="id, revision, actor, commit …"
            maxLength={256}
            onInput={({ currentTarget }) => change({ text: currentTarget.value })}
          />
        </label>
        {isNarrow ? (
          <button type="button" class="fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? "Fewer filters" : `More filters${count > 0 ? ` (${count} set)` : ""}`}
          </button>
        ) : null}
        {isNarrow && !isOpen ? null : <Conditions heads={heads} filter={filter} change={change} />}
      </form>
    </search>
  );
}

function Conditions({ heads, filter, change }: ListFilterProps) {
  const environments = useMemo(() => inOrder(new Set(heads.map(({ environment }) => environment ?? ""))), [heads]);
  const services = useMemo(() => [...new Set(heads.map(({ service }) => service ?? ""))].sort(), [heads]);
  return (
    <>
      <Choice
        label="Environment"
        value={filter.environment}
        options={allOr(environments.filter((each) => each !== ""))}
        onChange={(environment) => change({ environment })}
      />
      <Choice
        label="Service"
        value={filter.service}
        options={allOr(services.filter((each) => each !== ""))}
        onChange={(service) => change({ service })}
      />
      <Choice
        label="State"
        value={filter.state}
        options={[{ value: "", name: "all" }, ...states.map((value) => ({ value, name: stateNames[value] }))]}
        onChange={(state) => change({ state: state as Filter["state"] })}
      />
      <Choice
        label="Outcome"
        value={filter.outcome}
        options={[{ value: "", name: "all" }, ...outcomes.map((value) => ({ value, name: outcomeNames[value] }))]}
        onChange={(outcome) => change({ outcome: outcome as Filter["outcome"] })}
      />
      <Choice
        label="Created"
        value={`${filter.days}`}
        options={times.some(({ value }) => value === `${filter.days}`) ? times : [...times, daysOption(filter.days)]}
        onChange={(value) => change({ days: value === "all" ? "all" : Number(value) })}
      />
    </>
  );
}

function daysOption(days: Filter["days"]) {
  return { value: `${days}`, name: `in the last ${days} days` };
}
