import {
  ActivityEventsService,
  IngestEventsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { describe, expect, test } from "@jest/globals";
import { bytesField, encodeEvent } from "./encode-request.ts";
import { allAcknowledgements } from "./ingest-stream.ts";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { serviceOfSuite, stores } from "./start-service.ts";

const { ingestEvents } = ActivityEventsService.method;
const { number } = IngestEventsRequestSchema.field.events;

describe.each(stores)("an acknowledgement on %s", (store) => {
  const service = serviceOfSuite({ STORE: store });

  /** Sends each event, encoded, in a message of its own. */
  const acknowledge = async (events: readonly Uint8Array[]) => {
    const stream = service.client.bidi(ingestEvents);
    for (const event of events) stream.send(bytesField(number, event));
    stream.finish();
    return allAcknowledgements(stream);
  };

  test("names the event that is stored, a duplicate, or in conflict", async () => {
    const event = newEvent();

    const acknowledgements = await acknowledge([
      encodeEvent(event),
      encodeEvent(event),
      encodeEvent({ ...event, labels: { a: "b" } }),
    ]);

    const { deploymentId, eventId } = event;
    expect(acknowledgements.map(({ status }) => status?.code ?? 0)).toEqual([0, 0, 6]);
    for (const one of acknowledgements) expect(one).toMatchObject({ deploymentId, eventId });
  });

  test("names the event by the id that the server made", async () => {
    const deploymentId = newDeploymentId();

    const [acknowledgement] = await acknowledge([encodeEvent({ deploymentId, message: "x" })]);

    expect(acknowledgement?.deploymentId).toBe(deploymentId);
    expect(acknowledgement?.eventId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("names an event that is refused as it was sent, cut between characters to 128 bytes", async () => {
    const [spaced, long, tooLarge] = await acknowledge([
      encodeEvent({ deploymentId: "a b", eventId: "ü c", message: "x" }),
      encodeEvent({ deploymentId: `x${"😀".repeat(100)}`, eventId: "y".repeat(1_000), message: "x" }),
      encodeEvent({ deploymentId: "large", eventId: "1", message: "x" }, bytesField(99, Buffer.alloc(130 * 1_024))),
    ]);

    expect(spaced).toMatchObject({ deploymentId: "a b", eventId: "ü c", status: { code: 3 } });
    expect(long).toMatchObject({ deploymentId: `x${"😀".repeat(31)}`, eventId: "y".repeat(128), status: { code: 3 } });
    expect(tooLarge).toMatchObject({ deploymentId: "large", eventId: "1", status: { code: 3 } });
  });

  test("names nothing where the event cannot be decoded", async () => {
    const [acknowledgement] = await acknowledge([encodeEvent(newEvent()).subarray(0, -1)]);

    expect(acknowledgement).toMatchObject({ deploymentId: "", eventId: "", status: { code: 3 } });
  });
});
