import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { isTimestamp, nanosecondsOf } from "../codec/times.ts";
import type { Violations } from "./violations.ts";

/**
 * Parses a bound of times in microseconds since 1970, with a broken rule noted under its path. The server's times are whole microseconds,
 * so it is rounded up.
 */
export function parseTime(time: Timestamp | undefined, field: string, violations: Violations): number | undefined {
  if (time === undefined) return undefined;
  if (!isTimestamp(time)) {
    violations.add(
      field,
      `must be from the year 1 to 9999 with nanos from 0 to 999999999; found ${time.seconds} s and ${time.nanos} ns`,
    );
  }
  return Number((nanosecondsOf(time) + 999n) / 1_000n);
}
