import { create } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "@jest/globals";
import { timeAgo } from "../../src/text/time-ago.ts";

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];
const nowMs = Date.parse("2026-11-28T10:00:00.500Z");

/** The time so many ms before now. */
function before(ms: number) {
  const at = nowMs - ms;
  return create(TimestampSchema, { seconds: BigInt(Math.floor(at / 1_000)), nanos: (at % 1_000) * 1_000_000 });
}

test.each([
  [0, "now"],
  [999, "now"],
  [second, "1 second ago"],
  [59 * second + 999, "59 seconds ago"],
  [minute, "1 minute ago"],
  [hour - 1, "59 minutes ago"],
  [hour, "1 hour ago"],
  [day - 1, "23 hours ago"],
  [day, "1 day ago"],
  [30 * day - 1, "29 days ago"],
  [30 * day, undefined],
  [-5 * second, "now"],
  [-minute, "in 1 minute"],
  [-2 * day, "in 2 days"],
])("says of a time %d ms ago: %s", (ms, text) => {
  expect(timeAgo(before(ms), nowMs)).toBe(text);
});
