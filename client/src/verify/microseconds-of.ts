import type { Timestamp } from "@bufbuild/protobuf/wkt";

/** Converts a time to whole microseconds since 1970, truncated. */
export function microsecondsOf({ seconds, nanos }: Timestamp): bigint {
  return seconds * 1_000_000n + BigInt(Math.floor(nanos / 1_000));
}
