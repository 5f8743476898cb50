import {
  ActivityEventsService,
  type BatchCreateEventsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { describe, expect, test } from "@jest/globals";
import { encodeBatchCreateEventsRequest, encodeEvent, unknownField } from "./encode-request.ts";
import { type EventInit, newDeploymentId, newEvent, newEvents } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { serviceOfSuite, stores } from "./start-service.ts";

const { batchCreateEvents, createEvent, getDeployment, listEvents } = ActivityEventsService.method;

describe.each(stores)("BatchCreateEvents on %s", (store) => {
  const service = serviceOfSuite({ STORE: store });
  const record = (event: EventInit) => service.client.call(createEvent, { event });
  const recordAll = (deploymentId: string, events: EventInit[], expectedSequence?: bigint) =>
    service.client.call(batchCreateEvents, {
      deploymentId,
      events,
      ...(expectedSequence === undefined ? {} : { expectedSequence }),
    });
  const storedIds = async (deploymentId: string) => {
    const { events } = await service.client.call(listEvents, { deploymentId, pageSize: 1_000 });
    return events.map(({ eventId }) => eventId);
  };
  const isUnknown = async (deploymentId: string) => {
    const { reason } = await refusalOf(service.client.call(getDeployment, { deploymentId }));
    return reason === "DEPLOYMENT_NOT_FOUND";
  };

  test("stores 500 events with consecutive sequences in the order given", async () => {
    const deploymentId = newDeploymentId();

    const { results } = await recordAll(deploymentId, newEvents(deploymentId, 500));

    expect(results.map(({ event }) => [event?.eventId, event?.sequence])).toEqual(
      Array.from({ length: 500 }, (_, index) => [`${index + 1}`, BigInt(index + 1)]),
    );
    expect(results.some(({ duplicate }) => duplicate)).toBe(false);
    expect(await storedIds(deploymentId)).toHaveLength(500);
  });

  test("takes the deployment of the batch for events that name none", async () => {
    const deploymentId = newDeploymentId();

    const { results } = await recordAll(deploymentId, [{ message: "a", eventId: "a" }, newEvent({ deploymentId })]);

    expect(results.map(({ event }) => event?.deploymentId)).toEqual([deploymentId, deploymentId]);
    expect(results[0]?.event?.name).toBe(`deployments/${deploymentId}/events/a`);
  });

  test("makes ids for events without one, and gives all of the batch one receive time", async () => {
    const deploymentId = newDeploymentId();

    const { results } = await recordAll(deploymentId, [{ message: "same" }, { message: "same" }]);

    const [first, second] = results;
    expect(first?.event?.eventId).not.toBe(second?.event?.eventId);
    expect(first?.event?.receiveTime).toEqual(second?.event?.receiveTime);
  });

  test("answers each event with its own transit time", async () => {
    const deploymentId = newDeploymentId();
    const sendTime = { seconds: 1n, nanos: 1 };

    const { results } = await recordAll(deploymentId, [
      newEvent({ deploymentId, sendTime }),
      newEvent({ deploymentId }),
    ]);

    expect(results[0]?.transitTime?.seconds).toBeGreaterThan(1_000_000_000n);
    expect(results[1]?.transitTime).toBeUndefined();
  });

  test("answers a batch that is stored already with the stored events, as duplicates", async () => {
    const deploymentId = newDeploymentId();
    const events = newEvents(deploymentId, 3);

    const first = await recordAll(deploymentId, events);
    const again = await recordAll(deploymentId, events);

    expect(again.results.map(({ duplicate }) => duplicate)).toEqual([true, true, true]);
    expect(again.results.map(({ event }) => event)).toEqual(first.results.map(({ event }) => event));
    expect(await storedIds(deploymentId)).toEqual(["1", "2", "3"]);
  });

  test("writes what is new beside duplicates, and answers in request order", async () => {
    const deploymentId = newDeploymentId();
    const [one, two, three, four] = newEvents(deploymentId, 4) as [EventInit, EventInit, EventInit, EventInit];
    await record(three);
    await record(one);

    const { results } = await recordAll(deploymentId, [one, two, three, four]);

    expect(places(results)).toEqual(["1 at 2 again", "2 at 3", "3 at 1 again", "4 at 4"]);
    expect(await storedIds(deploymentId)).toEqual(["3", "1", "2", "4"]);
  });

  test("is refused whole by a conflict; each offender is named by its index, and nothing is written", async () => {
    const deploymentId = newDeploymentId();
    const events = newEvents(deploymentId, 5);
    await recordAll(deploymentId, [events[1], events[3]] as EventInit[]);

    const changed = events.map((event, index) => (index % 2 === 1 ? { ...event, message: "else", actor: "x" } : event));
    const refusal = await refusalOf(recordAll(deploymentId, changed));

    expect(refusal).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "EVENT_ID_CONFLICT",
      metadata: { deployment_id: deploymentId, event_id: "2", sequence: "1", violations_total: "2" },
      fields: ["events[1]", "events[3]"],
    });
    expect(refusal.descriptions.every((text) => text.includes("message") && text.includes("actor"))).toBe(true);
    expect(await storedIds(deploymentId)).toEqual(["2", "4"]);
  });

  test("is refused whole by invalid events; each fault is named by its index, and nothing is written", async () => {
    const deploymentId = newDeploymentId();
    const events = newEvents(deploymentId, 4);

    const refusal = await refusalOf(
      recordAll(deploymentId, [{ ...events[0], url: "no url" }, events[1] ?? {}, {}, { ...events[3], eventId: "/" }]),
    );

    expect(refusal).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "REQUEST_INVALID",
      fields: ["events[0].url", "events[2].message", "events[3].event_id"],
    });
    expect(await isUnknown(deploymentId)).toBe(true);
  });

  test("is refused when an id comes twice, even with the same content", async () => {
    const deploymentId = newDeploymentId();
    const event = newEvent({ deploymentId, eventId: "twice" });

    const refusal = await refusalOf(recordAll(deploymentId, [event, newEvent({ deploymentId }), event, event]));

    expect(refusal).toMatchObject({ reason: "REQUEST_INVALID", fields: ["events[2].event_id", "events[3].event_id"] });
    expect(await isUnknown(deploymentId)).toBe(true);
  });

  test.each([0, 501])("is refused with %i events", async (count) => {
    const deploymentId = newDeploymentId();

    const refusal = await refusalOf(recordAll(deploymentId, newEvents(deploymentId, count)));

    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_INVALID", fields: ["events"] });
  });

  test("is refused when an event names another deployment", async () => {
    const deploymentId = newDeploymentId();

    const refusal = await refusalOf(recordAll(deploymentId, [newEvent({ deploymentId }), newEvent()]));

    expect(refusal).toMatchObject({ reason: "REQUEST_INVALID", fields: ["events[1].deployment_id"] });
    expect(await isUnknown(deploymentId)).toBe(true);
  });

  test.each(["", "no/id"])("is refused with the deployment id %j", async (deploymentId) => {
    const refusal = await refusalOf(recordAll(deploymentId, [{ message: "x" }]));

    expect(refusal).toMatchObject({ reason: "REQUEST_INVALID", fields: ["deployment_id"] });
  });

  test("takes a request of 3 MiB and refuses one of a byte more", async () => {
    const [fits, tooBig] = [newDeploymentId(), newDeploymentId()];

    const { results } = await service.client.callBytes(batchCreateEvents, batchOfBytes(fits, 3 * 1024 * 1024));
    const refusal = await refusalOf(
      service.client.callBytes(batchCreateEvents, batchOfBytes(tooBig, 3 * 1024 * 1024 + 1)),
    );

    expect(results).toHaveLength(350);
    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_INVALID", fields: ["events"] });
    expect(await isUnknown(tooBig)).toBe(true);
  });

  test("names every event that is too large by its index", async () => {
    const deploymentId = newDeploymentId();
    const large = (eventId: string) => encodeEvent({ message: "x", eventId }, unknownField(99, "x".repeat(130 * 1024)));
    const small = encodeEvent({ message: "x", eventId: "small" });

    const request = encodeBatchCreateEventsRequest(deploymentId, [large("a"), small, large("b")]);
    const refusal = await refusalOf(service.client.callBytes(batchCreateEvents, request));

    expect(refusal).toMatchObject({ reason: "REQUEST_INVALID", fields: ["events[0]", "events[2]"] });
  });

  test("compares expected_sequence with the head before the batch", async () => {
    const deploymentId = newDeploymentId();
    const [one, two, three] = newEvents(deploymentId, 3) as [EventInit, EventInit, EventInit];

    await recordAll(deploymentId, [one, two], 0n);
    const refusal = await refusalOf(recordAll(deploymentId, [three], 1n));
    const { results } = await recordAll(deploymentId, [three], 2n);

    expect(refusal).toMatchObject({
      code: "ABORTED",
      reason: "SEQUENCE_MISMATCH",
      metadata: { expected_sequence: "1", actual_sequence: "2" },
    });
    expect(places(results)).toEqual(["3 at 3"]);
  });

  test("does not compare expected_sequence when all events are duplicates", async () => {
    const deploymentId = newDeploymentId();
    const events = newEvents(deploymentId, 2);

    await recordAll(deploymentId, events, 0n);
    const { results } = await recordAll(deploymentId, events, 0n);

    expect(results.map(({ duplicate }) => duplicate)).toEqual([true, true]);
  });

  test("compares expected_sequence when only some events are duplicates", async () => {
    const deploymentId = newDeploymentId();
    const [one, two] = newEvents(deploymentId, 2) as [EventInit, EventInit];

    await record(one);
    const refusal = await refusalOf(recordAll(deploymentId, [one, two], 0n));
    const { results } = await recordAll(deploymentId, [one, two], 1n);

    expect(refusal.reason).toBe("SEQUENCE_MISMATCH");
    expect(places(results)).toEqual(["1 at 1 again", "2 at 2"]);
  });

  test("tells a conflict before a mismatch", async () => {
    const deploymentId = newDeploymentId();
    const [one, two] = newEvents(deploymentId, 2) as [EventInit, EventInit];

    await record(one);
    const refusal = await refusalOf(recordAll(deploymentId, [{ ...one, message: "else" }, two], 99n));

    expect(refusal).toMatchObject({ reason: "EVENT_ID_CONFLICT", fields: ["events[0]"] });
  });
});

function places(results: BatchCreateEventsResponse["results"]): string[] {
  return results.map(({ event, duplicate }) => `${event?.eventId} at ${event?.sequence}${duplicate ? " again" : ""}`);
}

/** A request of exactly so many bytes: 350 large events, and for the rest a field of the request that nobody knows. */
function batchOfBytes(deploymentId: string, bytes: number): Uint8Array {
  const events = Array.from({ length: 350 }, (_, index) =>
    encodeEvent({ eventId: `${index}`, message: "m".repeat(8_000) }),
  );
  const without = encodeBatchCreateEventsRequest(deploymentId, events).length;
  // The field's tag and length take five bytes.
  const padding = unknownField(99, "p".repeat(bytes - without - 5));
  return encodeBatchCreateEventsRequest(deploymentId, events, padding);
}
