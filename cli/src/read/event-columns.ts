import { isEmptied } from "@activity-events/client/internal";
import { type Event, Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Column } from "../output/column.ts";
import type { Paint } from "../output/paint.ts";
import { enumName } from "../text/enum-name.ts";
import { timeColumn } from "./time-column.ts";

/** Stands in place of the message of an event that was redacted. */
const redacted = "(redacted)";

/** Colours, and whether times on a terminal are in UTC. */
interface EventColumnsOptions {
  readonly paint: Paint;
  readonly utc: boolean;
}

/** Columns of a list of events of all deployments. */
export function eventOfAllColumns(options: EventColumnsOptions): readonly Column<Event>[] {
  const id = { title: "DEPLOYMENT ID", width: 20, cell: ({ deploymentId }: Event) => deploymentId, isCutInside: true };
  return [id, ...eventColumns(options)];
}

/** Columns of a list of events. */
export function eventColumns({ paint, utc }: EventColumnsOptions): readonly Column<Event>[] {
  return [
    { title: "SEQ", width: 5, cell: ({ sequence }) => String(sequence) },
    timeColumn("RECEIVE TIME", ({ receiveTime }) => receiveTime, { utc }),
    {
      title: "SEVERITY",
      width: 9,
      cell: ({ severity }) => enumName(Severity, severity),
      paint: (cell, { severity }) => paint(cell, severity),
      leftOut: 2,
    },
    { title: "TYPE", width: 21, cell: ({ type }) => type },
    { title: "OUTCOME", width: 8, cell: ({ outcome }) => enumName(Outcome, outcome), leftOut: 3 },
    { title: "EVENT ID", width: 36, cell: ({ eventId }) => eventId, isCutInside: true, leftOut: 1 },
    {
      title: "MESSAGE",
      width: 0,
      cell: (event) => (isEmptied(event) ? redacted : event.message),
      // Where the severity has no room, its colour still shows.
      paint: (cell, { severity }) => paint(cell, severity),
    },
  ];
}
