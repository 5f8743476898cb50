import type { FollowAllItem, FollowItem, WatchItem } from "@activity-events/client";
import { explainConnection } from "../connection/explain-connection.ts";
import { findConnectionFault } from "../connection/find-connection-fault.ts";
import type { CommandContext } from "../program/command-context.ts";

// A shorter outage, such as a restart, is not reported; it loses no event.
const quietMs = 1_000;

type Item = FollowItem | FollowAllItem | WatchItem;

/** Returns a function that reports outages, reconnects and gaps of a stream on standard error. */
export function tellConnection({ address, service, origin, complain }: CommandContext): (item: Item) => void {
  let away: { told: boolean; readonly timer: NodeJS.Timeout } | undefined;
  const tell = async () => {
    const told = away;
    if (told === undefined) return;
    const why = explainConnection(await findConnectionFault(service), service);
    // It may have come back in the meantime.
    if (away !== told) return;
    told.told = true;
    complain(
      `Lost the connection${why === undefined ? ` to ${address}` : `: ${why}`}.${origin === undefined ? "" : ` ${origin}`} Retrying.`,
    );
  };
  return (item) => {
    switch (item.kind) {
      case "disconnected":
        // A timer, because the next attempt may take long.
        away ??= { told: false, timer: setTimeout(() => void tell(), quietMs).unref() };
        return;
      case "reconnected":
        clearTimeout(away?.timer);
        if (away?.told) {
          complain(`Reconnected to ${address}${"cursor" in item ? `; continuing after sequence ${item.cursor}` : ""}.`);
        }
        away = undefined;
        return;
      case "passedOver": {
        const of = "deploymentId" in item ? ` of ${item.deploymentId}` : "";
        return complain(
          `The store has no events${of} for sequences ${item.firstSequence} to ${item.lastSequence}; skipped them.`,
        );
      }
    }
  };
}
