import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema, type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";

/** Converts microseconds since 1970 to a time of the contract. */
export function timestampOf(timeUs: number): Timestamp {
  const seconds = Math.floor(timeUs / 1_000_000);
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos: (timeUs - seconds * 1_000_000) * 1_000 });
}

/** Converts a time of the contract to nanoseconds since 1970. */
export function nanosecondsOf({ seconds, nanos }: Timestamp): bigint {
  return seconds * 1_000_000_000n + BigInt(nanos);
}

/** Converts nanoseconds since 1970 to a time of the contract. */
export function timestampOfNanoseconds(nanoseconds: bigint): Timestamp {
  const nanos = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return create(TimestampSchema, { seconds: (nanoseconds - nanos) / 1_000_000_000n, nanos: Number(nanos) });
}

/** Makes a duration of the contract; seconds and nanos have the same sign. */
export function durationOfNanoseconds(nanoseconds: bigint): Duration {
  return create(DurationSchema, {
    seconds: nanoseconds / 1_000_000_000n,
    nanos: Number(nanoseconds % 1_000_000_000n),
  });
}

export function durationOfMs(ms: number): Duration {
  return durationOfNanoseconds(BigInt(Math.round(ms)) * 1_000_000n);
}

/** Tells whether the contract can express the time: years 1 to 9999, nanos below a second. */
export function isTimestamp({ seconds, nanos }: Timestamp): boolean {
  return seconds >= -62_135_596_800n && seconds <= 253_402_300_799n && nanos >= 0 && nanos <= 999_999_999;
}
