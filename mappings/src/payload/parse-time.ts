import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { PayloadValue } from "./parse-payload.ts";

// RFC 3339, and what tools write instead: a space for the T, no seconds, `+0200`, ` UTC`.
const form = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?(Z|z|UTC|[+-]\d\d(?::?\d\d)?)$/;
const [firstMs, lastMs] = [Date.parse("0001-01-01T00:00:00Z"), Date.parse("9999-12-31T23:59:59Z")];

/**
 * Parses a time of a payload: a text with an offset, or whole or broken seconds since 1970. Digits beyond the ninth are cut; a leap
 * second is the last nanosecond before it. Undefined if it is none, or outside the years 1 to 9999.
 */
export function parseTime(value: PayloadValue): Timestamp | undefined {
  if (typeof value === "number") return timeOfMs(Math.round(value * 1_000));
  if (typeof value !== "string") return undefined;
  const [, year = "", month = "", day = "", hour = "", minute = "", second = "00", fraction = "", offset = ""] =
    form.exec(value) ?? [];
  if (year === "" || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const isLeap = second === "60";
  const dayMs = Date.parse(`${year}-${month}-01T00:00:00Z`) + (Number(day) - 1) * 86_400_000;
  // A month that does not exist is NaN; a day that does not exist is in another month.
  if (Number.isNaN(dayMs) || new Date(dayMs).getUTCMonth() + 1 !== Number(month)) return undefined;
  const offsetMs = offsetMsOf(offset);
  if (offsetMs === undefined) return undefined;
  const clockSeconds = Number(hour) * 3_600 + Number(minute) * 60 + (isLeap ? 59 : Number(second));
  const time = timeOfMs(dayMs + clockSeconds * 1_000 - offsetMs);
  if (time === undefined) return undefined;
  return { ...time, nanos: isLeap ? 999_999_999 : Number(fraction.slice(0, 9).padEnd(9, "0")) };
}

/** Makes a time of ms since 1970; undefined outside the years 1 to 9999. */
export function timeOfMs(ms: number): Timestamp | undefined {
  return ms >= firstMs && ms <= lastMs ? timestampFromMs(ms) : undefined;
}

function offsetMsOf(offset: string): number | undefined {
  if (!/^[+-]/.test(offset)) return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(3).replace(":", ""))];
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
