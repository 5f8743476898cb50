import { escapeControls } from "@activity-events/client";
import { goQuote } from "./go-quote.ts";

/** How grave a line of the ancestor's output is. */
export type LogLevel = "info" | "error" | "fatal";

/** Where a line goes, and when. */
export interface LogPlace {
  readonly isTerminal: boolean;
  readonly secondsSinceStart: number;
  readonly now: Date;
}

/**
 * A line of the ancestor's output, as logrus 1.4 writes it: on a terminal coloured and with the whole seconds since the
 * program began, `INFO[0000] …`; elsewhere `time="…" level=info msg="…"`. The ancestor's text goes to a terminal as it is;
 * here what could steer the terminal is escaped.
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

/** RFC 3339 in the machine's time zone, in whole seconds. */
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
