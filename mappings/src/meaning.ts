import { Outcome, Severity } from "@activity-events/client";

/** What a state of another tool means here. */
export interface Meaning {
  readonly type: string;
  readonly outcome?: Outcome;
  readonly severity?: Severity;
}

/** The end of a deployment; one that went wrong is an error. */
export function finished(outcome: Outcome): Meaning {
  const isBad = outcome === Outcome.FAILURE || outcome === Outcome.ERROR;
  return { type: "deployment.finished", outcome, ...(isBad ? { severity: Severity.ERROR } : {}) };
}
