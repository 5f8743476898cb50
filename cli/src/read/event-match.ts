import { type Event, type Outcome, OutcomeSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Command } from "commander";
import { enumOption } from "../flags/enum-option.ts";

/** Flags for conditions that the contract's filter lacks; this command checks them itself. */
export interface MatchFlags {
  readonly outcome?: Outcome;
  readonly text?: string;
}

/** Adds the flags to a command. */
export function addMatchFlags(command: Command): Command {
  return command
    .addOption(
      enumOption("-o, --outcome <outcome>", "only events with this outcome; checked by this command", OutcomeSchema),
    )
    .option("--text <text>", "only events whose message, type or id has this text; checked by this command");
}

/** Check of one event; undefined without conditions. */
export type EventMatch = ((event: Event) => boolean) | undefined;

/** Makes the check of the flags. */
export function eventMatch({ outcome, text }: MatchFlags): EventMatch {
  if (outcome === undefined && text === undefined) return undefined;
  const sought = text?.toLowerCase() ?? "";
  return (event) =>
    (outcome === undefined || event.outcome === outcome) &&
    [event.message, event.type, event.eventId].some((field) => field.toLowerCase().includes(sought));
}

/** Yields the items that match; all of them without a condition. */
export async function* matching<Item>(
  items: AsyncIterable<Item>,
  match: ((item: Item) => boolean) | undefined,
): AsyncGenerator<Item> {
  for await (const item of items) if (match?.(item) !== false) yield item;
}
