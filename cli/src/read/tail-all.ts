import type { FollowAllRequest } from "@activity-events/client";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { messageWriter } from "../output/message-writer.ts";
import type { CommandContext } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { eventOfAllColumns } from "./event-columns.ts";
import type { EventMatch } from "./event-match.ts";
import { tellConnection } from "./tell-connection.ts";

/** Shows the events of all deployments that match; without `follow` those recorded so far. */
export async function tailAll(
  context: CommandContext,
  { follow, ...request }: FollowAllRequest & { readonly follow: boolean },
  matches: EventMatch,
): Promise<ExitCode> {
  const { client, output, complain } = context;
  const { write, flush } = messageWriter(context, EventSchema, eventOfAllColumns(context));
  const tell = tellConnection(context);
  let exitCode: ExitCode = 0;
  try {
    for await (const item of client.followAll(request, { signal: output.closed })) {
      if (item.kind === "event") {
        if (matches?.(item.event) !== false) await write(item.event);
        continue;
      }
      if (item.kind === "caughtUp" && !follow) break;
      // After the history rows come one by one.
      await flush({ isLive: true });
      if (item.kind === "damaged") {
        complain(`${item.deploymentId} is damaged in the store${item.error ? `: ${item.error.message}` : ""}.`);
        exitCode = 1;
      }
      tell(item);
    }
  } finally {
    await flush();
  }
  return exitCode;
}
