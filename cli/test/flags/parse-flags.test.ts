import { DeploymentStateSchema } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { SeveritySchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { expect, test } from "@jest/globals";
import {
  parseAddress,
  parseCount,
  parseId,
  parseJsonObject,
  parseLabel,
  parseSeconds,
  parseSequence,
  parseTime,
} from "../../src/flags/parse-flags.ts";
import { parseEnumName } from "../../src/text/enum-name.ts";

test("takes sequences up to 2^63 - 1", () => {
  expect(["0", "9223372036854775807"].map(parseSequence)).toEqual([0n, 9223372036854775807n]);
});

test("takes times to the nanosecond, with any offset", () => {
  expect(parseTime("2026-01-31T09:15:00.000000001+01:00")).toMatchObject({ seconds: 1769847300n, nanos: 1 });
});

test("splits a label at its first equals sign and keeps those before", () => {
  expect(parseLabel("b=1=2", { a: "" })).toEqual({ a: "", b: "1=2" });
});

test.each(["127.0.0.1:1", "localhost:50051", "[::1]:65535", "events.example.com:443"])(
  "takes the address %s",
  (address) => {
    expect(parseAddress(address)).toBe(address);
  },
);

test.each(["error", "Error", "SEVERITY_ERROR"])("takes %s for a severity", (name) => {
  expect(parseEnumName(SeveritySchema)(name)).toBe(500);
});

test.each(["rolled_back", "rolled-back"])("takes %s for a state", (name) => {
  expect(parseEnumName(DeploymentStateSchema)(name)).toBe(4);
});

test.each<[string, (text: string) => unknown, string]>([
  ["-1", parseSequence, "Expected a sequence"],
  ["9223372036854775808", parseSequence, "Expected a sequence"],
  ["0", parseCount, "at least 1"],
  ["1.5", parseCount, "at least 1"],
  ["0", parseSeconds, "Expected a number of seconds"],
  ["1e9", parseSeconds, "Expected a number of seconds"],
  ["yesterday", parseTime, "Expected a time"],
  ["2026-01-31", parseTime, "Expected a time"],
  ["=x", parseLabel, "Expected key=value"],
  ["x", parseLabel, "Expected key=value"],
  ["a=2", (text) => parseLabel(text, { a: "1" }), '"a" is repeated'],
  ["[]", parseJsonObject, "Expected a JSON object"],
  ["{", parseJsonObject, "invalid JSON: "],
  ['{"a":1,"a":2}', parseJsonObject, "a: duplicate key"],
  ['{"x":-0}', parseJsonObject, "x: -0 would lose precision"],
  ["2026-02-30T10:00:00Z", parseTime, "There is no day 2026-02-30."],
  ["", parseId, "It is empty. Is a variable unset?"],
  ["localhost", parseAddress, "Expected HOST:PORT"],
  ["h:0", parseAddress, "Expected HOST:PORT"],
  ["::1:50051", parseAddress, "Expected HOST:PORT"],
  ["http://h:1", parseAddress, "Expected HOST:PORT"],
  ["unspecified", parseEnumName(SeveritySchema), "debug, info, notice"],
])("refuses %j and says what it expects", (text, parse, message) => {
  expect(() => parse(text)).toThrow(message);
});
