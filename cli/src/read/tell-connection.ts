import { escapeControls, type FollowItem } from "@activity-events/client";
import type { CommandContext } from "../program/command-context.ts";

// A shorter outage, such as a restart, is not reported; it loses no event.
const quietMs = 1_000;

/** Returns a function that reports outages, reconnects and gaps of a followed stream on standard error. */
export function tellConnection({ address, complain }: CommandContext): (item: FollowItem) => void {
  let away: { problem: string; told: boolean; readonly timer: NodeJS.Timeout } | undefined;
  const tell = () => {
    if (away === undefined) return;
    away.told = true;
    complain(`Lost the connection to ${address} (${away.problem}); retrying.`);
  };
  return (item) => {
    switch (item.kind) {
      case "disconnected":
        // A timer, because the next attempt may take long.
        away ??= { problem: "", told: false, timer: setTimeout(tell, quietMs).unref() };
        away.problem = escapeControls(item.error.message);
        return;
      case "reconnected":
        clearTimeout(away?.timer);
        if (away?.told) complain(`Reconnected to ${address}; continuing after sequence ${item.cursor}.`);
        away = undefined;
        return;
      case "passedOver":
        return complain(
          `The store has no events for sequences ${item.firstSequence} to ${item.lastSequence}; skipped them.`,
        );
    }
  };
}
