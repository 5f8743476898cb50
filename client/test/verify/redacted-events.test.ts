import { type Deployment, DeploymentSchema } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "@jest/globals";
import { DeploymentCheck } from "../../src/verify/deployment-check.ts";
import { emptyHistory, withEvent } from "../../src/verify/history-hash.ts";
import { receivedEvent } from "../../src/verify/received-event.ts";

const timeOf = (seconds: bigint) => create(TimestampSchema, { seconds });
const saltOf = (sequence: number) => new Uint8Array(16).fill(sequence);

/** Makes the events of `d` as a service sends them; their ids are e1, e2 and so on. */
function recorded(...inits: readonly MessageInitShape<typeof EventSchema>[]): Event[] {
  return inits.map((init, index) => {
    const [sequence, eventId] = [index + 1, `e${index + 1}`];
    const names = { deploymentId: "d", eventId, name: `deployments/d/events/${eventId}` };
    const receiveTime = timeOf(1_700_000_000n + BigInt(sequence));
    return create(EventSchema, {
      ...names,
      ...init,
      sequence: BigInt(sequence),
      receiveTime,
      salt: saltOf(sequence),
    });
  });
}

const commitmentOf = (event: Event) => receivedEvent(toBinary(EventSchema, event)).commitment ?? new Uint8Array();

function emptied(event: Event, left: MessageInitShape<typeof EventSchema> = {}): Event {
  const { name, deploymentId, eventId, sequence, receiveTime, sendTime, type } = event;
  const kept = { name, deploymentId, eventId, sequence, receiveTime, sendTime, type };
  return create(EventSchema, { ...kept, ...left, commitment: commitmentOf(event) });
}

function headOf(events: readonly Event[], shown: MessageInitShape<typeof DeploymentSchema> = {}): Deployment {
  let hash = emptyHistory("d");
  for (const event of events) {
    const receiveTimeUs = (event.receiveTime?.seconds ?? 0n) * 1_000_000n;
    hash = withEvent(hash, { sequence: event.sequence, receiveTimeUs, commitment: commitmentOf(event) });
  }
  const last = events.at(-1);
  return create(DeploymentSchema, {
    deploymentId: "d",
    headSequence: last?.sequence ?? 0n,
    createTime: events[0]?.receiveTime,
    updateTime: last?.receiveTime,
    historyHash: hash,
    historyHashSequence: last?.sequence ?? 0n,
    historyHashFrom: 1n,
    ...shown,
  });
}

/** Returns the faults of events under a head. */
function faultsOf(head: Deployment, events: readonly Event[]): readonly string[] {
  const faults: string[] = [];
  const onFault = ({ kind, description }: { kind: string; description: string }) =>
    faults.push(`${kind}: ${description}`);
  const check = new DeploymentCheck({ head, kept: undefined, onFault });
  for (const event of events) check.take(toBinary(EventSchema, event));
  check.end();
  return faults;
}

const notice = (eventId: string, sequence: number | string) => ({
  type: "activityevents.redacted",
  data: { eventId, sequence },
});

test("accepts an emptied event that a later one names by id and sequence", () => {
  const events = recorded({ message: "a" }, { message: "hunter2" }, notice("e2", 2), { message: "b" });
  const [first, leak, redacted, last] = events as [Event, Event, Event, Event];

  expect(faultsOf(headOf(events), [first, emptied(leak), redacted, last])).toEqual([]);
  expect(faultsOf(headOf(events), [first, emptied(leak, { message: "forged" }), redacted, last])).toEqual([]);
});

test.each<[string, readonly MessageInitShape<typeof EventSchema>[]]>([
  ["nothing names", [{ message: "b" }]],
  ["a notice names with the id of another", [notice("e1", 2)]],
  ["a notice names with the sequence of another", [notice("e2", 1)]],
  ["a notice names without its sequence", [{ type: "activityevents.redacted", data: { eventId: "e2" } }]],
  ["an event of another type names", [{ ...notice("e2", 2), type: "activityevents.purged" }]],
])("finds an emptied event that %s", (_, behind) => {
  const events = recorded({ message: "a" }, { message: "hunter2" }, ...behind);
  const [first, leak, ...others] = events as [Event, Event, ...Event[]];

  const faults = faultsOf(headOf(events), [first, emptied(leak), ...others]);

  expect(faults).toEqual(["EVENT_EMPTIED: event 2 is emptied, and no later event says why"]);
});

test("finds an emptied event that only an earlier one names", () => {
  const events = recorded(notice("e2", 2), { message: "hunter2" });
  const [early, leak] = events as [Event, Event];

  expect(faultsOf(headOf(events), [early, emptied(leak)])).toEqual([expect.stringMatching(/^EVENT_EMPTIED: event 2 /)]);
});

test("holds the place, the receive time and the commitment of an emptied event to the chain", () => {
  const events = recorded({ message: "a" }, { message: "hunter2" }, notice("e2", 2));
  const [first, leak, redacted] = events as [Event, Event, Event];
  const faultsWith = (change: Partial<Event>) =>
    faultsOf(headOf(events), [first, Object.assign(emptied(leak), change), redacted]).map(
      (fault) => fault.split(":")[0],
    );

  expect(faultsWith({ commitment: new Uint8Array(32) })).toEqual(["HISTORY_HASH"]);
  expect(faultsWith({ commitment: new Uint8Array(31) })).toEqual(["EVENT_UNPROVED"]);
  expect(faultsWith({ receiveTime: timeOf(1n) })).toEqual(["HISTORY_HASH"]);
});

test("lets the head lack what a redaction may have taken, until an event sets it again, and lets it show nothing else", () => {
  const commitTime = timeOf(1_600_000_000n);
  const left = { actor: "ann", commit: "c", commitTime, service: "shop" };
  const events = recorded(left, { ...left, actor: "bob", commit: "d" }, notice("e2", 2), { actor: "cho" });
  const [first, leak, redacted, last] = events as [Event, Event, Event, Event];
  const sent = [first, emptied(leak), redacted, last];

  expect(faultsOf(headOf(events, { actor: "cho" }), sent)).toEqual([]);
  expect(faultsOf(headOf(events, { ...left, actor: "cho" }), sent)).toEqual([]);
  expect(faultsOf(headOf(events, {}), sent)).toEqual(['HEAD: actor of the head is ""; its events give "cho"']);
  expect(faultsOf(headOf(events, { actor: "cho", url: "https://x.test" }), sent)).toEqual([
    'HEAD: url of the head is "https://x.test"; its events give ""',
  ]);
});

test("lets a head that was read before a redaction show what its event has lost", () => {
  const events = recorded({ actor: "ann" }, { message: "a" }, notice("e1", 1));
  const [leak, second, redacted] = events as [Event, Event, Event];
  const before = headOf([leak, second], { actor: "ann" });

  expect(faultsOf(before, [emptied(leak), second, redacted])).toEqual([]);
  expect(faultsOf(before, [emptied(leak), second])).toEqual([
    expect.stringMatching(/^EVENT_EMPTIED: /),
    'HEAD: actor of the head is "ann"; its events give ""',
  ]);
});
