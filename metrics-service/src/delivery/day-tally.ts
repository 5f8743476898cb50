import { deliveryLimits } from "./delivery-limits.ts";
import type { DayOutcomes } from "./metrics-report.ts";
import type { DayKind, TimeWindow } from "./window-tally.ts";

const dayUs = 86_400_000_000;

type Counts = { -readonly [Name in keyof DayOutcomes]: DayOutcomes[Name] };

/** Deployments by UTC day and outcome, a row for each day that the window touches. */
export class DayTally {
  readonly days: readonly DayOutcomes[];
  readonly #rows: readonly Counts[];
  readonly #firstDay: number;

  /** Throws a RangeError if the window is empty or longer than the bound. */
  constructor({ fromUs, toUs }: TimeWindow) {
    if (!(toUs > fromUs && toUs - fromUs <= deliveryLimits.windowDaysMax * dayUs)) {
      throw new RangeError(`a window has 1 µs to ${deliveryLimits.windowDaysMax} days; found ${fromUs} to ${toUs} µs`);
    }
    this.#firstDay = Math.floor(fromUs / dayUs);
    const length = Math.floor((toUs - 1) / dayUs) - this.#firstDay + 1;
    this.#rows = Array.from({ length }, (_, index) => {
      const day = new Date(((this.#firstDay + index) * dayUs) / 1_000).toISOString().slice(0, 10);
      return { day, success: 0, failure: 0, canceled: 0, error: 0 };
    });
    this.days = this.#rows;
  }

  /** Counts a deployment at a time in the window. */
  add(kind: DayKind, timeUs: number): void {
    const row = this.#rows[Math.floor(timeUs / dayUs) - this.#firstDay];
    if (row !== undefined) row[kind] += 1;
  }
}
