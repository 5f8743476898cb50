import { escapeControls, type FollowItem } from "@activity-events/client";
import type { CommandContext } from "../program/command-context.ts";

// A restart that is over by then is nobody's concern: no event is lost by it.
const quietMs = 1_000;

/** Tells a person at the terminal how the following goes: that the service stays away, and that it is back. */
export function tellConnection({ address, complain }: CommandContext): (item: FollowItem) => void {
  let away: { problem: string; told: boolean; readonly timer: NodeJS.Timeout } | undefined;
  const tell = () => {
    if (away === undefined) return;
    away.told = true;
    complain(`The service at ${address} stays away (${away.problem}); trying until it is back.`);
  };
  return (item) => {
    switch (item.kind) {
      case "disconnected":
        // By a timer of its own, since the next attempt may take long.
        away ??= { problem: "", told: false, timer: setTimeout(tell, quietMs).unref() };
        away.problem = escapeControls(item.error.message);
        return;
      case "reconnected":
        clearTimeout(away?.timer);
        if (away?.told) complain(`The service at ${address} is back; going on after sequence ${item.cursor}.`);
        away = undefined;
        return;
      case "passedOver":
        return complain(
          `The store lacks the sequences ${item.firstSequence} to ${item.lastSequence}; they were passed over.`,
        );
    }
  };
}
