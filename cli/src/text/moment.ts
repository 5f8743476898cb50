import { create } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { parseTimestamp } from "./timestamp.ts";

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * Parses a time that a person gives: RFC 3339, a day such as 2026-01-31 (its first moment on this machine's clock), or a
 * time ago such as 90s, 15m, 2h, 3d or 1w. Throws a `RangeError`.
 */
export function parseMoment(text: string, nowMs: number): Timestamp {
  const [, count, unit = ""] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return timestampOf(nowMs - Number(count) * (unitMs[unit] ?? 0));
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year !== undefined) {
    // Refuses days that do not exist.
    parseTimestamp(`${text}T00:00:00Z`);
    const midnight = new Date(2_000, Number(month) - 1, Number(day));
    midnight.setFullYear(Number(year), Number(month) - 1, Number(day));
    return timestampOf(midnight.getTime());
  }
  if (!text.includes("T")) {
    throw new RangeError(
      "Expected a time ago such as 2h, a day such as 2026-01-31, or a time such as 2026-01-31T08:15:00Z.",
    );
  }
  return parseTimestamp(text);
}

function timestampOf(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < -62_135_596_800) throw new RangeError("The year, in UTC, must be 1 to 9999.");
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos: Math.floor(ms - seconds * 1_000) * 1_000_000 });
}
