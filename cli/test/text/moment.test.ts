import { timestampDate } from "@bufbuild/protobuf/wkt";
import { expect, test } from "@jest/globals";
import { parseMoment } from "../../src/text/moment.ts";

const nowMs = Date.parse("2026-03-01T12:00:00Z");
const parsed = (text: string) => timestampDate(parseMoment(text, nowMs));

test.each([
  ["90s", "2026-03-01T11:58:30.000Z"],
  ["15m", "2026-03-01T11:45:00.000Z"],
  ["2h", "2026-03-01T10:00:00.000Z"],
  ["3d", "2026-02-26T12:00:00.000Z"],
  ["1w", "2026-02-22T12:00:00.000Z"],
  ["2026-01-31T09:15:00.5+01:00", "2026-01-31T08:15:00.500Z"],
])("reads %s", (text, iso) => {
  expect(parsed(text).toISOString()).toBe(iso);
});

test("reads a day as its first moment on this machine's clock", () => {
  expect(parsed("2026-01-31")).toEqual(new Date(2026, 0, 31));
});

test.each([
  ["2026-02-30", "There is no day 2026-02-30."],
  ["2026-01-31T25:00:00Z", "There is no time 25:00:00"],
  ["yesterday", "Expected a time ago such as 2h, a day such as 2026-01-31, or"],
  ["2 h", "Expected a time ago such as 2h"],
  ["", "Expected a time ago such as 2h"],
  ["999999999w", "The year, in UTC, must be 1 to 9999."],
])("refuses %j", (text, problem) => {
  expect(() => parseMoment(text, nowMs)).toThrow(problem);
});
