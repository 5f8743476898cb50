import {
  type CreateEventResponse,
  CreateEventResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { Column } from "../output/column.ts";
import { messageWriter } from "../output/message-writer.ts";
import type { CommandContext } from "../program/command-context.ts";

const columns: readonly Column<CreateEventResponse>[] = [
  { title: "DEPLOYMENT ID", width: 20, cell: ({ event }) => event?.deploymentId ?? "", isCutInside: true },
  { title: "SEQUENCE", width: 8, cell: ({ event }) => String(event?.sequence ?? "") },
  { title: "EVENT ID", width: 36, cell: ({ event }) => event?.eventId ?? "", isCutInside: true },
  { title: "RESULT", width: 0, cell: ({ duplicate }) => (duplicate ? "duplicate" : "recorded") },
];

/** Returns a function that writes the response to one append. */
export function addResultWriter(context: CommandContext): (result: CreateEventResponse) => Promise<void> {
  const { write, flush } = messageWriter(context, CreateEventResponseSchema, columns);
  return async (result) => {
    await write(result);
    // Each answer is shown when it comes.
    await flush({ isLive: true });
  };
}
