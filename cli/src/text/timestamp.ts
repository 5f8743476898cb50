import { create } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;
const [firstMs, lastMs] = [Date.parse("0001-01-01T00:00:00Z"), Date.parse("9999-12-31T23:59:59Z")];

/**
 * Parses an RFC 3339 time with up to nine fractional digits. Throws a `RangeError` with the reason, also for a day that
 * does not exist, 24:00, a leap second and a tenth digit.
 */
export function parseTimestamp(text: string): Timestamp {
  const [, year, month, day, hour, minute, second, fraction = "", offset = ""] = rfc3339.exec(text) ?? [];
  if (year === undefined) {
    throw new RangeError("Expected a time such as 2026-01-31T08:15:00Z or 2026-01-31T09:15:00.5+01:00.");
  }
  const dayMs = Date.parse(`${year}-${month}-01T00:00:00Z`) + (Number(day) - 1) * 86_400_000;
  // An invalid month is NaN; an invalid day falls into the next month.
  if (Number.isNaN(dayMs) || new Date(dayMs).getUTCMonth() + 1 !== Number(month)) {
    throw new RangeError(`There is no day ${year}-${month}-${day}.`);
  }
  if (Number(second) === 60) throw new RangeError("Leap seconds are not supported; use second 59.");
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) {
    throw new RangeError(`There is no time ${hour}:${minute}:${second}; a day ends at 23:59:59.`);
  }
  if (fraction.length > 9) throw new RangeError("A time has at most nine fractional digits.");
  const clockMs = (Number(hour) * 3_600 + Number(minute) * 60 + Number(second)) * 1_000;
  const ms = dayMs + clockMs - offsetMsOf(offset);
  if (ms < firstMs || ms > lastMs) throw new RangeError("The year, in UTC, must be 1 to 9999.");
  return create(TimestampSchema, { seconds: BigInt(ms / 1_000), nanos: Number(fraction.padEnd(9, "0")) });
}

function offsetMsOf(offset: string): number {
  if (offset === "Z") return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(4))];
  if (hours > 23 || minutes > 59) throw new RangeError(`There is no offset ${offset}.`);
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** Reads this machine's clock, to the microsecond. */
export function timestampNow(): Timestamp {
  const us = Math.round((performance.timeOrigin + performance.now()) * 1_000);
  return create(TimestampSchema, { seconds: BigInt(Math.floor(us / 1_000_000)), nanos: (us % 1_000_000) * 1_000 });
}

/** Formats a time in UTC, truncated to the millisecond, at a fixed width; empty if unset. */
export function timeText(time: Timestamp | undefined): string {
  if (time === undefined) return "";
  return new Date(Number(time.seconds) * 1_000 + Math.floor(time.nanos / 1_000_000)).toISOString();
}
