import type { MetricsChoices } from "../../../src/delivery/metrics-report.ts";
import { allOr, Choice } from "../filter/choice.tsx";
import type { Filter } from "../filter/filter.ts";
import { inOrder } from "../now/environment-order.ts";

interface ReportFilterProps {
  readonly choices: MetricsChoices | undefined;
  readonly service: string;
  readonly environment: string;
  readonly days: number;
  readonly change: (change: Partial<Filter>) => void;
}

const windows = [7, 30, 90];

/** What the metrics are of. Every change goes into the URL. */
export function ReportFilter({ choices, service, environment, days, change }: ReportFilterProps) {
  const shown = windows.includes(days) ? windows : [...windows, days];
  return (
    <search aria-label="Filter">
      <form onSubmit={(event) => event.preventDefault()}>
        <Choice
          label="Environment"
          value={environment}
          options={allOr(inOrder(choices?.environments ?? []))}
          onChange={(chosen) => change({ environment: chosen })}
        />
        <Choice
          label="Service"
          value={service}
          options={allOr(choices?.services ?? [])}
          onChange={(chosen) => change({ service: chosen })}
        />
        <fieldset class="windows">
          <legend>Last days</legend>
          <div>
            {shown.map((each) => (
              <label key={each}>
                <input
                  type="radio"
                  name="days"
                  value={each}
                  checked={each === days}
                  onChange={() => change({ days: each })}
                />
                <span>{each}</span>
              </label>
            ))}
          </div>
        </fieldset>
      </form>
    </search>
  );
}
