import type { ActivityEventsError } from "../activity-events-error.ts";
import { escapeControls } from "./escape-controls.ts";

/**
 * A failed call in words: the reason and the message, then a line for each field that is at fault. What the service did
 * not answer itself says where it was looked for and what to do.
 */
export function describeError(error: ActivityEventsError, address: string): string {
  const { message, violations, metadata } = error;
  const faults = violations.map(({ field, description }) => `${field}: ${description}`);
  // A single fault is often all of the message.
  const lines = faults.filter((fault) => fault !== message).map((fault) => `  ${fault}`);
  const more = Number(metadata.violations_total ?? 0) - violations.length;
  if (more > 0) lines.push(`  and ${more} more`);
  return [headline(error, address), ...lines].map(escapeControls).join("\n");
}

function headline({ code, reason, message }: ActivityEventsError, address: string): string {
  if (reason === "CURSOR_AHEAD") {
    return `CURSOR_AHEAD: the service knows fewer events than were shown, as after a restore of an older copy (${message}). Read from the start, or after the head sequence that it has now.`;
  }
  if (reason !== undefined) return `${reason}: ${message}`;
  if (code === "UNAVAILABLE") {
    return `UNAVAILABLE: no service answers at ${address} (${message}). Start it, or say where it is with --address HOST:PORT or ACTIVITY_ADDRESS.`;
  }
  if (code === "DEADLINE_EXCEEDED") {
    return `DEADLINE_EXCEEDED: ${address} did not answer in time (${message}). Try again, or allow more time with --timeout SECONDS.`;
  }
  return `${code}: ${message}`;
}
