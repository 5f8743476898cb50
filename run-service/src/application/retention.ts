import type { Deployment } from "@activity-events/event-store";

const usOfDay = 24 * 60 * 60 * 1_000_000;

/** Environment of a rule for all that have none of their own. */
export const anyEnvironment = "*";

/** How long deployments are kept after their last event, by environment. */
export class Retention {
  /** The rules as text, to tell two retentions apart. */
  readonly text: string;
  readonly #days: ReadonlyMap<string, number>;

  /** Days by environment; where there is no rule, deployments are kept for ever. */
  constructor(days: ReadonlyMap<string, number>) {
    this.#days = days;
    this.text = [...days].map(([environment, count]) => `${environment}=${count}`).join(", ");
  }

  /** True if deployments of any environment end at all. */
  get isAny(): boolean {
    return this.#days.size > 0;
  }

  /** Tells whether the time of a deployment is over; `nowUs` is in microseconds since 1970. */
  isOver({ environment, updateTimeUs }: Pick<Deployment, "environment" | "updateTimeUs">, nowUs: number): boolean {
    const days = this.#days.get(environment) ?? this.#days.get(anyEnvironment);
    return days !== undefined && nowUs - updateTimeUs > days * usOfDay;
  }
}
