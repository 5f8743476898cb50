import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { describe, expect, test } from "@jest/globals";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { serviceOfSuite, stores } from "./start-service.ts";

const { createEvent, getEvent } = ActivityEventsService.method;

describe.each(stores)("CreateEvent on %s", (store) => {
  const service = serviceOfSuite({ STORE: store });
  const record = async (event: Parameters<typeof newEvent>[0], expectedSequence?: bigint) => {
    const request = expectedSequence === undefined ? { event } : { event, expectedSequence };
    const { event: stored, duplicate, transitTime } = await service.client.call(createEvent, request);
    if (stored === undefined) throw new Error("the answer has no event");
    return { stored, duplicate, transitTime };
  };

  test("answers the event as it is stored, with its name, sequence and receive time", async () => {
    const deploymentId = newDeploymentId();

    const { stored, duplicate } = await record({ deploymentId, eventId: "build-1", message: "built" });

    const { event: read } = await service.client.call(getEvent, { deploymentId, eventId: "build-1" });
    expect(stored).toMatchObject({
      name: `deployments/${deploymentId}/events/build-1`,
      deploymentId,
      eventId: "build-1",
      sequence: 1n,
      message: "built",
    });
    expect(stored.receiveTime).toBeDefined();
    expect(duplicate).toBe(false);
    expect(read).toEqual(stored);
  });

  test("fills in type and severity", async () => {
    const { stored } = await record(newEvent({ type: "", message: "it goes on" }));

    expect(stored).toMatchObject({ type: "deployment.progress", severity: Severity.INFO });
  });

  test("keeps a type and a severity that are set, without a message", async () => {
    const { stored } = await record(newEvent({ type: "approval.granted", severity: Severity.DEBUG, message: "" }));

    expect(stored).toMatchObject({ type: "approval.granted", severity: Severity.DEBUG, message: "" });
  });

  test("makes a UUIDv7 for an event without an id, another one each time", async () => {
    const deploymentId = newDeploymentId();

    const first = await record({ deploymentId, message: "same" });
    const second = await record({ deploymentId, message: "same" });

    const uuidv7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(first.stored.eventId).toMatch(uuidv7);
    expect(second.stored.eventId).toMatch(uuidv7);
    expect(second.stored.eventId > first.stored.eventId).toBe(true);
    expect(first.stored.name).toBe(`deployments/${deploymentId}/events/${first.stored.eventId}`);
    expect([first.stored.sequence, second.stored.sequence]).toEqual([1n, 2n]);
  });

  test("counts the sequences of each deployment from 1", async () => {
    const [a, b] = [newDeploymentId(), newDeploymentId()];

    const sequences = [];
    for (const deploymentId of [a, a, b, a, b])
      sequences.push((await record(newEvent({ deploymentId }))).stored.sequence);

    expect(sequences).toEqual([1n, 2n, 1n, 3n, 2n]);
  });

  test("puts its own clock, in whole microseconds, over whatever the request says", async () => {
    const before = Date.now();

    const { stored } = await record(
      newEvent({ receiveTime: { seconds: 1n, nanos: 1 }, sequence: 99n, name: "deployments/x/events/y" }),
    );

    const { seconds, nanos } = stored.receiveTime ?? { seconds: 0n, nanos: 0 };
    const milliseconds = Number(seconds) * 1_000 + nanos / 1_000_000;
    expect(milliseconds).toBeGreaterThan(before - 5);
    expect(milliseconds).toBeLessThan(Date.now() + 5);
    expect(nanos % 1_000).toBe(0);
    expect(stored.sequence).toBe(1n);
    expect(stored.name).toBe(`deployments/${stored.deploymentId}/events/${stored.eventId}`);
  });

  test("keeps the send time to the nanosecond", async () => {
    const sendTime = { seconds: 1_700_000_000n, nanos: 123_456_789 };

    const { stored } = await record(newEvent({ sendTime }));

    expect(stored.sendTime).toMatchObject(sendTime);
  });

  test.each([
    ["the year 1", { seconds: -62_135_596_800n, nanos: 0 }],
    ["just before 1970", { seconds: -1n, nanos: 999_999_999 }],
    ["1970", { seconds: 0n, nanos: 0 }],
    ["the end of the year 9999", { seconds: 253_402_300_799n, nanos: 999_999_999 }],
  ])("keeps a send time in %s", async (_, sendTime) => {
    const { stored, transitTime } = await record(newEvent({ sendTime }));

    expect(stored.sendTime).toMatchObject(sendTime);
    expect(inNanoseconds(transitTime)).toBe(inNanoseconds(stored.receiveTime) - inNanoseconds(sendTime));
  });

  test("answers receive time minus send time as transit time, to the nanosecond", async () => {
    const { stored, transitTime } = await record(newEvent({ sendTime: { seconds: 1_700_000_000n, nanos: 1 } }));

    expect(inNanoseconds(transitTime)).toBe(inNanoseconds(stored.receiveTime) - 1_700_000_000_000_000_001n);
  });

  test("answers a negative transit time, both its parts negative, when the producer's clock is ahead", async () => {
    const sendTime = { seconds: BigInt(Math.floor(Date.now() / 1_000)) + 3_600n, nanos: 7 };

    const { stored, transitTime } = await record(newEvent({ sendTime }));

    expect(inNanoseconds(transitTime)).toBe(inNanoseconds(stored.receiveTime) - inNanoseconds(sendTime));
    expect(transitTime?.seconds).toBeLessThan(-3_590n);
    expect(transitTime?.nanos).toBeLessThanOrEqual(0);
  });

  test("answers no transit time without a send time", async () => {
    const { stored, transitTime } = await record(newEvent());

    expect(transitTime).toBeUndefined();
    expect(stored.sendTime).toBeUndefined();
  });

  test("answers a duplicate with the transit time of the stored event", async () => {
    const event = newEvent({ sendTime: { seconds: 1_700_000_000n, nanos: 5 } });

    const first = await record(event);
    const again = await record({ ...event, sendTime: { seconds: 1_800_000_000n, nanos: 6 } });

    expect(again.duplicate).toBe(true);
    expect(again.transitTime).toEqual(first.transitTime);
    expect(again.stored).toEqual(first.stored);
  });
});

function inNanoseconds(time: { seconds: bigint; nanos: number } | undefined): bigint {
  if (time === undefined) throw new Error("there is no time");
  return time.seconds * 1_000_000_000n + BigInt(time.nanos);
}
