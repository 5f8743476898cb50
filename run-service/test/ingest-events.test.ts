import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import { acknowledgementsTo, allAcknowledgements } from "./ingest-stream.ts";
import { newDeploymentId, newEvents } from "./new-event.ts";
import { serviceOfSuite, stores } from "./start-service.ts";

const { ingestEvents, listEvents } = ActivityEventsService.method;

describe.each(stores)("IngestEvents on %s", (store) => {
  const service = serviceOfSuite({ STORE: store });

  test("says its window first, acknowledges each event in the order sent, and ends OK when no more comes", async () => {
    const [a, b] = [newDeploymentId(), newDeploymentId()];
    const stream = service.client.bidi(ingestEvents);

    stream.send({ events: [...newEvents(a, 2), ...newEvents(b, 1)] });
    stream.send({ events: newEvents(a, 4).slice(2) });
    const opened = await stream.next();
    stream.finish();
    const acknowledgements = await allAcknowledgements(stream);

    expect(opened.frame).toMatchObject({ case: "opened", value: { windowEvents: 10_000n, windowBytes: 8_388_608n } });
    expect(acknowledgements.map(({ ordinal, eventId, sequence }) => [ordinal, eventId, sequence])).toEqual([
      [1n, "1", 1n],
      [2n, "2", 2n],
      [3n, "1", 1n],
      [4n, "3", 3n],
      [5n, "4", 4n],
    ]);
    expect(await stream.status).toMatchObject({ code: status.OK });
    const { events } = await service.client.call(listEvents, { deploymentId: a });
    expect(events.map(({ eventId }) => eventId)).toEqual(["1", "2", "3", "4"]);
    expect(acknowledgements[0]?.receiveTime).toEqual(events[0]?.receiveTime);
  });

  test("acknowledges an event while the stream stays open", async () => {
    const deploymentId = newDeploymentId();
    const stream = service.client.bidi(ingestEvents);

    for (const [index, event] of newEvents(deploymentId, 3).entries()) {
      stream.send({ events: [event] });
      const [acknowledged] = await acknowledgementsTo(stream, index + 1);
      expect(acknowledged).toMatchObject({ ordinal: BigInt(index + 1), sequence: BigInt(index + 1) });
    }
    stream.cancel();
  });
});
