import type { Timestamp } from "@bufbuild/protobuf/wkt";

/** A time in whole microseconds since 1970, cut. */
export function microsecondsOf({ seconds, nanos }: Timestamp): bigint {
  return seconds * 1_000_000n + BigInt(Math.floor(nanos / 1_000));
}
