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

/** Makes the check of one event; undefined without conditions. */
export function eventMatch({ outcome, text }: MatchFlags): ((event: Event) => boolean) | undefined {
  if (outcome === undefined && text === undefined) return undefined;
  const sought = text?.toLowerCase() ?? "";
  return (event) =>
    (outcome === undefined || event.outcome === outcome) &&
    [event.message, event.type, event.eventId].some((field) => field.toLowerCase().includes(sought));
}
