import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseTimestamp } from "../../src/text/timestamp.ts";

test.each([
  ["2026-02-30T10:00:00Z", "There is no day 2026-02-30."],
  ["2025-02-29T00:00:00Z", "There is no day 2025-02-29."],
  ["1900-02-29T00:00:00Z", "There is no day 1900-02-29."],
  ["2026-04-31T00:00:00Z", "There is no day 2026-04-31."],
  ["2026-01-00T00:00:00Z", "There is no day 2026-01-00."],
  ["2026-13-01T00:00:00Z", "There is no day 2026-13-01."],
  ["2026-00-01T00:00:00Z", "There is no day 2026-00-01."],
  ["2026-11-20T24:00:00Z", "There is no time 24:00:00"],
  ["2026-11-20T23:60:00Z", "There is no time 23:60:00"],
  ["2026-06-30T23:59:60Z", "Leap seconds are not supported"],
  ["2026-11-20T10:00:61Z", "There is no time 10:00:61"],
  ["2026-11-20T10:00:00.1234567891Z", "at most nine fractional digits"],
  ["2026-11-20T10:00:00+24:00", "There is no offset +24:00."],
  ["2026-11-20T10:00:00+01:60", "There is no offset +01:60."],
  ["0001-01-01T00:00:00+00:01", "must be 1 to 9999"],
  ["9999-12-31T23:59:59-00:01", "must be 1 to 9999"],
  ["0000-01-01T00:00:00Z", "must be 1 to 9999"],
  ["2026-11-20 10:00:00Z", "Expected a time such as"],
  ["2026-11-20T10:00:00", "Expected a time such as"],
  ["2026-11-20T10:00:00.Z", "Expected a time such as"],
  ["", "Expected a time such as"],
])("refuses %s", (text, problem) => {
  expect(() => parseTimestamp(text)).toThrow(problem);
});

test.each([
  ["2024-02-29T23:59:59.999999999Z", 1_709_251_199n, 999_999_999],
  ["2000-02-29T00:00:00Z", 951_782_400n, 0],
  ["2026-01-31T09:15:00.000000001+01:00", 1_769_847_300n, 1],
  ["1969-12-31T23:59:59.5Z", -1n, 500_000_000],
  ["0001-01-01T00:00:00Z", -62_135_596_800n, 0],
  ["9999-12-31T23:59:59.999999999Z", 253_402_300_799n, 999_999_999],
])("takes %s", (text, seconds, nanos) => {
  expect(parseTimestamp(text)).toMatchObject({ seconds, nanos });
});

test("takes whatever Date prints for the same time", () => {
  const year = (number: number) => Date.parse(`${String(number).padStart(4, "0")}-01-01T00:00:00Z`);

  fc.assert(
    fc.property(fc.integer({ min: year(1), max: year(9_999) }), (ms) => {
      expect(parseTimestamp(new Date(ms).toISOString())).toEqual(timestampFromMs(ms));
    }),
  );
});
