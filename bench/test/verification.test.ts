import {
  IngestEventsResponseSchema,
  StreamEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { EventTemplate, eventOf } from "../src/event-template.ts";
import { countEntries } from "../src/loads/count-entries.ts";
import { SequenceLedger } from "../src/loads/sequence-ledger.ts";
import { quantile } from "../src/statistics.ts";

test("takes sequences in any order, and finds the one that is missing and the one that came twice", () => {
  const whole = new SequenceLedger();
  for (const sequence of [2, 1, 4, 3]) whole.add("d", sequence);
  const broken = new SequenceLedger();
  for (const sequence of [1, 3, 3, 1]) broken.add("d", sequence);

  expect(whole.faults()).toEqual([]);
  expect(whole.counts()).toEqual(new Map([["d", 4]]));
  expect(broken.faults()).toEqual([
    "d: sequence 3 was acknowledged twice",
    "d: sequence 1 was acknowledged twice",
    "d: sequence 2 was never acknowledged, a later one was",
  ]);
});

test("writes ids into an encoded event as the encoder would", () => {
  const bytes = EventTemplate.ofEvent().make(123, 4_567_890);

  expect(fromBinary(EventSchema, bytes)).toEqual(create(EventSchema, eventOf(123, 4_567_890)));
  expect(bytes.length).toBe(120);
});

test("counts what a frame holds without decoding it", () => {
  const events = Array.from({ length: 300 }, (_, at) => create(EventSchema, eventOf(at, at)));
  const acknowledgements = [
    { ordinal: 1n, eventId: "a" },
    { ordinal: 2n, sequence: 5n },
  ];
  const frames = [
    toBinary(
      StreamEventsResponseSchema,
      create(StreamEventsResponseSchema, { frame: { case: "events", value: { events } } }),
    ),
    toBinary(
      StreamEventsResponseSchema,
      create(StreamEventsResponseSchema, { frame: { case: "caughtUp", value: { cursor: 9n } } }),
    ),
    toBinary(
      IngestEventsResponseSchema,
      create(IngestEventsResponseSchema, { frame: { case: "acknowledgements", value: { acknowledgements } } }),
    ),
  ];

  expect(frames.map(countEntries)).toEqual([300, 0, 2]);
});

test("takes the middle of an even number of values between the two in the middle", () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([5, 1, 3], 0.5)).toBe(3);
  expect(quantile([], 0.5)).toBeNaN();
});
