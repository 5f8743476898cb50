import { escapeControls } from "@activity-events/client";
import { goQuote } from "./go-quote.ts";

/** Level of a line in the ancestor's output. */
export type LogLevel = "info" | "error" | "fatal";

/** Destination and time of a line. */
export interface LogPlace {
  readonly isTerminal: boolean;
  readonly secondsSinceStart: number;
  readonly now: Date;
}

/**
 * Formats a line as logrus 1.4 does for the ancestor: on a terminal coloured, with whole seconds since the start,
 * `INFO[0000] …`; elsewhere `time="…" level=info msg="…"`. Unlike the ancestor, escapes control characters on a terminal.
 */
export function logLine(level: LogLevel, text: string, { isTerminal, secondsSinceStart, now }: LogPlace): string {
  if (!isTerminal) return `time="${localTime(now)}" level=${level} msg=${goQuote(text)}\n`;
  const [name, colour] = [level.slice(0, 4).toUpperCase(), level === "info" ? 36 : 31];
  const seconds = String(Math.floor(secondsSinceStart)).padStart(4, "0");
  return `\x1b[${colour}m${name}\x1b[0m[${seconds}] ${padded(escapeControls(text))} \n`;
}

// Go counts code points.
function padded(text: string): string {
  return text + " ".repeat(Math.max(0, 44 - [...text].length));
}

/** Formats a time as RFC 3339 in the local time zone, in whole seconds. */
function localTime(now: Date): string {
  const offset = -now.getTimezoneOffset();
  const local = new Date(now.getTime() + offset * 60_000).toISOString().slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `${local}${offset < 0 ? "-" : "+"}${twoDigits(hours)}:${twoDigits(minutes)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
