import { create } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "@jest/globals";
import { ageColumn } from "../../src/read/time-column.ts";

const nowMs = Date.parse("2026-11-28T10:00:00Z");
const at = (text: string) => create(TimestampSchema, { seconds: BigInt(Date.parse(text) / 1_000) });

test("shows an age on a terminal, the day of what is older than a month, and the time in a pipe", () => {
  const column = ageColumn<Timestamp | undefined>("T", (time) => time, { utc: false, nowMs });

  const times = [at("2026-11-28T08:30:00Z"), at("2026-03-15T12:00:00Z"), undefined];

  expect(times.map((time) => column.shown?.(time))).toEqual(["1 hour ago", "2026-03-15", ""]);
  expect(times.map((time) => column.cell(time))).toEqual(["2026-11-28T08:30:00.000Z", "2026-03-15T12:00:00.000Z", ""]);
});

test("shows UTC on a terminal when asked to", () => {
  const column = ageColumn<Timestamp>("T", (time) => time, { utc: true, nowMs });

  expect(column.shown?.(at("2026-11-28T08:30:00Z"))).toBe("2026-11-28 08:30:00Z");
});
