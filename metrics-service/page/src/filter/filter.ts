import type { Head } from "../live/head.ts";

export const states = ["QUEUED", "RUNNING", "FINISHED", "ROLLED_BACK"] as const;
export const outcomes = ["SUCCESS", "FAILURE", "CANCELED", "ERROR"] as const;

/** Days of the list where the URL names none. */
export const defaultDays = 30;

/** Filter of a view, as its URL carries it. Unset conditions match everything; the others are combined by AND. */
export interface Filter {
  readonly environment: string;
  readonly service: string;
  readonly state: (typeof states)[number] | "";
  readonly outcome: (typeof outcomes)[number] | "";
  readonly text: string;
  /** Days since a deployment was created; "all" for no bound. */
  readonly days: number | "all";
}

/** Reads a filter from a URL's query. Ignores what no filter can hold. */
export function parseFilter(query: Readonly<Record<string, string>>): Filter {
  const days = Number(query.days);
  return {
    environment: query.environment ?? "",
    service: query.service ?? "",
    state: states.find((state) => state === query.state?.toUpperCase()) ?? "",
    outcome: outcomes.find((outcome) => outcome === query.outcome?.toUpperCase()) ?? "",
    text: query.text ?? "",
    days: query.days === "all" ? "all" : Number.isInteger(days) && days > 0 && days <= 10_000 ? days : defaultDays,
  };
}

/** Writes the filter as a URL's query, empty or from `?` on. */
export function filterQuery(filter: Partial<Filter>): string {
  const query = new URLSearchParams();
  for (const name of ["environment", "service", "state", "outcome", "text"] as const) {
    const value = filter[name];
    if (value) query.set(name, value);
  }
  if (filter.days !== undefined && filter.days !== defaultDays) query.set("days", `${filter.days}`);
  return query.size === 0 ? "" : `?${query}`;
}

/** True if the filter leaves something out beside old deployments. */
export function isNarrowed({ environment, service, state, outcome, text }: Filter): boolean {
  return [environment, service, state, outcome, text].some((condition) => condition !== "");
}

/** True if a head matches. The text is looked for in ids and names, without regard to case. */
export function matches(filter: Filter, head: Head): boolean {
  if (filter.environment !== "" && head.environment !== filter.environment) return false;
  if (filter.service !== "" && head.service !== filter.service) return false;
  if (filter.state !== "" && head.state !== `DEPLOYMENT_STATE_${filter.state}`) return false;
  if (filter.outcome !== "" && head.outcome !== `OUTCOME_${filter.outcome}`) return false;
  const text = filter.text.trim().toLowerCase();
  if (text === "") return true;
  const { deploymentId, service, environment, revision, actor, commit } = head;
  return [deploymentId, service, environment, revision, actor, commit].some((value) =>
    value?.toLowerCase().includes(text),
  );
}
