import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { HistoryCheck } from "../../src/verify/history-check.ts";
import {
  type ChainedEvent,
  commitmentOf,
  emptyHistory,
  type HistoryHash,
  withEvent,
} from "../../src/verify/history-hash.ts";

// Computed with Python's hashlib from the page alone.
const empty = "c76c074f9f02cc4eec1df4df590bdb9c35b255ac33644cf9f5f881570c485605";
const commitments = [
  "3e754b61d698bce8b5f2ebb55ca338b1f1bd8bce2e3ddaf0e035de1a2ba2c664",
  "e293e41d32478fe052b5302d6d345414a09052c0aa79b67f08aaef494e8c8fec",
];
const links = [
  "5fb18083f73256e070ec7055b0c4047af1dfa31257560f226097bc589b9a07d3",
  "fd7ab30dffa9adbb284ae1d6c801d09c06b5cab39419e45bcd10ecb3e6efc9ce",
];

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const first = create(EventSchema, { eventId: "e1", salt: Uint8Array.from({ length: 16 }, (_, index) => index) });
const second = create(EventSchema, {
  eventId: "e2",
  salt: new Uint8Array(16),
  sendTime: { seconds: -1n, nanos: 999_999_999 },
  principal: "é",
});
const chained: readonly [ChainedEvent, ChainedEvent] = [
  {
    sequence: 1n,
    receiveTimeUs: 1_700_000_000_000_001n,
    commitment: commitmentOf(first, Uint8Array.of(0x2a, 1, 0x74)),
  },
  { sequence: 2n, receiveTimeUs: 1_700_000_000_000_002n, commitment: commitmentOf(second, new Uint8Array()) },
];

test("computes what another implementation computes", () => {
  const begun = emptyHistory("release-42");
  const one = withEvent(begun, chained[0]);
  const two = withEvent(one, chained[1]);

  expect(chained.map(({ commitment }) => hex(commitment))).toEqual(commitments);
  expect([begun, one, two].map(hex)).toEqual([empty, ...links]);
});

test("holds a hash to the events that it is of, and to no others", () => {
  const check = (claimed: Partial<HistoryHash>, events: readonly ChainedEvent[]) => {
    const hash = Buffer.from(links[1] ?? "", "hex");
    const history = new HistoryCheck("release-42", { hash, sequence: 2n, from: 1n, ...claimed });
    for (const event of events) history.take(event);
    return history.result;
  };

  const later = { ...chained[1], sequence: 3n };
  expect(check({}, chained)).toBe("holds");
  expect(check({}, [...chained, later])).toBe("holds");
  expect(check({ hash: new Uint8Array(32) }, chained)).toBe("differs");
  expect(check({}, [chained[0], { ...chained[1], receiveTimeUs: 1n }])).toBe("differs");
  expect(check({}, chained.slice(0, 1))).toBe("incomplete");
  expect(check({}, chained.slice(1))).toBe("incomplete");
  expect(check({ from: 2n }, chained)).toBe("differs");
});
