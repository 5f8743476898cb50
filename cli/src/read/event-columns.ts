import { type Event, Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Paint } from "../output/paint.ts";
import type { Column } from "../output/table.ts";
import { enumName } from "../text/enum-name.ts";
import { timeText } from "../text/timestamp.ts";

/** Columns of a list of events. */
export function eventColumns(paint: Paint): readonly Column<Event>[] {
  return [
    { title: "SEQUENCE", width: 8, cell: ({ sequence }) => String(sequence) },
    { title: "RECEIVE TIME", width: 24, cell: ({ receiveTime }) => timeText(receiveTime) },
    {
      title: "SEVERITY",
      width: 9,
      cell: ({ severity }) => enumName(Severity, severity),
      paint: (cell, { severity }) => paint(cell, severity),
    },
    { title: "TYPE", width: 21, cell: ({ type }) => type },
    { title: "OUTCOME", width: 8, cell: ({ outcome }) => enumName(Outcome, outcome) },
    { title: "EVENT ID", width: 36, cell: ({ eventId }) => eventId },
    { title: "MESSAGE", width: 0, cell: ({ message }) => message },
  ];
}
