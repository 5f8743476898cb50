import type { Group } from "../contender.ts";
import { createEvents } from "./create-events.ts";
import { listEvents } from "./list-events.ts";
import { streamEvents } from "./stream-events.ts";

/** Everything that is measured, in the order of the table. */
export function allGroups(): readonly Group[] {
  return [createEvents(128), createEvents(1), streamEvents(), listEvents()];
}
