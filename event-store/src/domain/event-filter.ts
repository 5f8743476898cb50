import type { StoredEvent } from "./event.ts";

/** Selects events; undefined or empty conditions match all. Times in microseconds since 1970. */
export interface EventFilter {
  readonly typePrefix: string;
  readonly severityMin: number;
  readonly receiveTimeFromUs: number | undefined;
  readonly receiveTimeBeforeUs: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** Matches every event. */
export const everyEvent: EventFilter = {
  typePrefix: "",
  severityMin: 0,
  receiveTimeFromUs: undefined,
  receiveTimeBeforeUs: undefined,
  labels: {},
};

export function matchesFilter(filter: EventFilter, event: StoredEvent): boolean {
  return (
    event.severity >= filter.severityMin &&
    event.type.startsWith(filter.typePrefix) &&
    event.receiveTimeUs >= (filter.receiveTimeFromUs ?? Number.NEGATIVE_INFINITY) &&
    event.receiveTimeUs < (filter.receiveTimeBeforeUs ?? Number.POSITIVE_INFINITY) &&
    Object.entries(filter.labels).every(
      ([key, value]) => Object.hasOwn(event.labels, key) && event.labels[key] === value,
    )
  );
}
