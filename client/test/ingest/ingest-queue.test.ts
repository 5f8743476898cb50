import { IngestEventsRequestSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { fromBinary } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { IngestQueue } from "../../src/ingest/ingest-queue.ts";
import { takeEvent } from "../../src/ingest/take-event.ts";
import { limits } from "../../src/limits.ts";
import { acknowledgementOf } from "./scripted-connection.ts";

const wide = { events: 10_000, bytes: 8 * 1024 * 1024 };
const tooLarge = "x".repeat(limits.ingestMessageBytesMax);

/** A queue with events that say these. */
function queueOf(...messages: readonly string[]): IngestQueue {
  const queue = new IngestQueue();
  add(queue, ...messages);
  return queue;
}

function add(queue: IngestQueue, ...messages: readonly string[]): void {
  for (const message of messages) queue.add(takeEvent({ deploymentId: "d", eventId: "e", message }));
}

/** What the messages that can be sent now say, message by message. */
function sendAll(queue: IngestQueue): string[][] {
  const messages: string[][] = [];
  for (let bytes = queue.nextMessage(); bytes !== undefined; bytes = queue.nextMessage()) {
    messages.push(fromBinary(IngestEventsRequestSchema, bytes).events.map(({ message }) => message));
  }
  return messages;
}

/** The outcomes since the last call: what the event says, and whether it is stored. */
const outcomes = (queue: IngestQueue) =>
  queue.takeOutcomes().map(({ outcome }) => `${outcome.event.message.slice(0, 3)} ${outcome.kind}`);

test("sends nothing before a stream is open, and then all that waits in one message", () => {
  const queue = queueOf("1", "2", "3");
  const early = sendAll(queue);

  queue.open(wide);
  const sent = sendAll(queue);

  expect(early).toEqual([]);
  expect(sent).toEqual([["1", "2", "3"]]);
  expect(queue.isSent).toBe(true);
});

test("has no more on its way than the window, in events and in bytes", () => {
  const byEvents = queueOf("1", "2", "3", "4");
  byEvents.open({ ...wide, events: 3 });
  const byBytes = queueOf("1".repeat(1_000), "2".repeat(1_000), "3".repeat(1_000));
  byBytes.open({ ...wide, bytes: 2_500 });

  const [first, second] = [sendAll(byEvents), sendAll(byBytes)];
  byEvents.acknowledge([acknowledgementOf(1)]);
  byBytes.acknowledge([acknowledgementOf(1), acknowledgementOf(2)]);

  expect([first.flat().length, second.flat().length]).toEqual([3, 2]);
  expect([sendAll(byEvents), sendAll(byBytes).flat().length]).toEqual([[["4"]], 1]);
});

test.each([1, 0])("sends one event after the other when the server grants %i at a time", (events) => {
  const queue = queueOf("1", "2", "3");
  queue.open({ ...wide, events });

  const first = sendAll(queue);
  queue.acknowledge([acknowledgementOf(1)]);

  expect([first, sendAll(queue)]).toEqual([[["1"]], [["2"]]]);
});

test("sends an event that is larger than the window alone", () => {
  const queue = queueOf("1", "2".repeat(5_000), "3");
  queue.open({ ...wide, bytes: 1_000 });

  const before = sendAll(queue).flat().length;
  queue.acknowledge([acknowledgementOf(1)]);
  const alone = sendAll(queue).flat().length;
  queue.acknowledge([acknowledgementOf(2)]);

  expect([before, alone, sendAll(queue).flat().length]).toEqual([1, 1, 1]);
});

test("cuts messages by the number of their events and by their bytes", () => {
  const many = queueOf(...Array<string>(1_200).fill("m"));
  const large = queueOf(...Array<string>(5).fill("m".repeat(100_000)));
  many.open(wide);
  large.open(wide);

  expect(sendAll(many).map((message) => message.length)).toEqual([500, 500, 200]);
  expect(sendAll(large).map((message) => message.length)).toEqual([2, 2, 1]);
});

test("tells outcomes in the order of the events, those too that are refused unsent", () => {
  const queue = queueOf(tooLarge, "1", tooLarge, tooLarge, "2");
  queue.open(wide);
  const sent = sendAll(queue);

  const first = outcomes(queue);
  queue.acknowledge([acknowledgementOf(1)]);
  const second = outcomes(queue);
  queue.acknowledge([acknowledgementOf(2, {}, { status: { code: 6, message: "taken" } })]);

  expect(sent).toEqual([["1", "2"]]);
  expect([first, second, outcomes(queue)]).toEqual([
    ["xxx refused"],
    ["1 stored", "xxx refused", "xxx refused"],
    ["2 refused"],
  ]);
  expect(queue.isSettled).toBe(true);
});

test("sends again on the next stream what the last one left unacknowledged, and says so", () => {
  const queue = queueOf("1", "2", "3");
  queue.open({ ...wide, events: 2 });
  sendAll(queue);
  queue.acknowledge([acknowledgementOf(1)]);

  queue.close();
  const closed = sendAll(queue);
  queue.open(wide);
  const sent = sendAll(queue);
  queue.acknowledge([acknowledgementOf(1, {}, { duplicate: true }), acknowledgementOf(2)]);

  expect([closed, sent]).toEqual([[], [["2", "3"]]]);
  expect(queue.takeOutcomes().map(({ outcome }) => outcome)).toMatchObject([
    { event: { message: "1" }, resent: false },
    { event: { message: "2" }, resent: true, duplicate: true },
    { event: { message: "3" }, resent: false },
  ]);
});

test.each([
  ["an ordinal out of turn", [2]],
  ["the same ordinal again", [1, 1]],
  ["more than was sent", [1, 2, 3]],
])("takes %s for a fault of the server, and keeps what came before it", (_, ordinals) => {
  const queue = queueOf("1", "2");
  queue.open(wide);
  sendAll(queue);

  expect(() => queue.acknowledge(ordinals.map((ordinal) => acknowledgementOf(ordinal)))).toThrow(
    /^The server acknowledged event \d; \d was next\.$/,
  );
  expect(outcomes(queue)).toHaveLength(ordinals.length - 1);
});

test("counts an event until its outcome is released", () => {
  const queue = new IngestQueue();
  queue.open({ ...wide, events: 2 });
  add(queue, "1", "2");
  sendAll(queue);
  queue.acknowledge([acknowledgementOf(1), acknowledgementOf(2)]);
  const [first] = queue.takeOutcomes();
  const before = [queue.isFull, queue.isRoomy];

  if (first !== undefined) queue.release(first);

  expect([before, queue.isFull, queue.isRoomy]).toEqual([[true, false], false, true]);
});

test("takes one event at a time until a server has granted a window, and never a larger one than its own", () => {
  const queue = queueOf("1");
  const before = queue.isFull;

  queue.open({ events: 10 ** 9, bytes: 10 ** 12 });
  add(queue, ...Array<string>(limits.ingestWindow.events - 2).fill("m"));
  const almost = queue.isFull;
  add(queue, "last");

  expect([before, almost, queue.isFull]).toEqual([true, false, true]);
});

const invalid = { code: 3, message: "bad" };
const taken = { code: 6, message: "taken" };
const long = "é".repeat(70);

test.each([
  ["another event of the same deployment", {}, { eventId: "f" }],
  ["the same event of another deployment", {}, { deploymentId: "c" }],
  ["no event by name", {}, { deploymentId: "", eventId: "" }],
  ["an event without its deployment", {}, { deploymentId: "" }],
  ["a deployment without its event", {}, { eventId: "" }],
  ["a conflict of no event by name", {}, { deploymentId: "", eventId: "", status: taken }],
  ["a refusal of another event", {}, { eventId: "f", status: invalid }],
  ["the beginning of a name", { eventId: "event" }, { eventId: "even" }],
  ["a name that is cut too early", { eventId: long }, { eventId: "é".repeat(63) }],
])("takes %s in the place of what was sent for a fault of the server, and tells it as neither", (_, event, fields) => {
  const queue = new IngestQueue();
  queue.add(takeEvent({ deploymentId: "d", eventId: "e", message: "1", ...event }));
  queue.open(wide);
  sendAll(queue);

  expect(() => queue.acknowledge([acknowledgementOf(1, event, fields)])).toThrow(
    /^The server acknowledged event ".*" of deployment ".*" as event 1 of the stream; sent was event ".*" of deployment "d"\./,
  );
  expect(outcomes(queue)).toEqual([]);
  expect(queue.isSettled).toBe(false);
});

test.each([
  ["its whole name", {}, {}],
  ["the first 128 bytes of its name", { eventId: long }, { eventId: "é".repeat(64), status: invalid }],
  ["whole characters of its name", { eventId: `a${long}` }, { eventId: `a${"é".repeat(63)}`, status: invalid }],
  ["no name, where the server could not decode it", {}, { deploymentId: "", eventId: "", status: invalid }],
])("takes the acknowledgement of an event by %s", (_, event, fields) => {
  const queue = new IngestQueue();
  queue.add(takeEvent({ deploymentId: "d", eventId: "e", message: "1", ...event }));
  queue.open(wide);
  sendAll(queue);

  queue.acknowledge([acknowledgementOf(1, event, fields)]);

  expect(queue.isSettled).toBe(true);
});
