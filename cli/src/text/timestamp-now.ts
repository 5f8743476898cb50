import { create } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";

/** This machine's clock, to the microsecond. */
export function timestampNow(): Timestamp {
  const us = Math.round((performance.timeOrigin + performance.now()) * 1_000);
  return create(TimestampSchema, { seconds: BigInt(Math.floor(us / 1_000_000)), nanos: (us % 1_000_000) * 1_000 });
}
