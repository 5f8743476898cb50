import type { Timestamp } from "@bufbuild/protobuf/wkt";

/** A time in UTC, cut to the millisecond, always of the same width; empty when it is not set. */
export function timeText(time: Timestamp | undefined): string {
  if (time === undefined) return "";
  return new Date(Number(time.seconds) * 1_000 + Math.floor(time.nanos / 1_000_000)).toISOString();
}
