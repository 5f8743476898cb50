import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { describe, expect, test } from "@jest/globals";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { serviceOfSuite, stores } from "./start-service.ts";

const { createEvent, getEvent } = ActivityEventsService.method;

describe.each(stores)("GetEvent on %s", (store) => {
  const service = serviceOfSuite({ STORE: store });

  test("answers the event of this id in this deployment", async () => {
    const event = newEvent({ message: "the one" });
    const { deploymentId, eventId } = event;
    await service.client.call(createEvent, { event: { ...newEvent(), eventId } });
    await service.client.call(createEvent, { event });

    const { event: got } = await service.client.call(getEvent, { deploymentId, eventId });

    expect(got).toMatchObject({ deploymentId, eventId, message: "the one" });
  });

  test("says that a deployment does not have the event", async () => {
    const { deploymentId, eventId } = newEvent();
    await service.client.call(createEvent, { event: newEvent({ deploymentId }) });

    const refusal = await refusalOf(service.client.call(getEvent, { deploymentId, eventId }));

    expect(refusal).toMatchObject({
      code: "NOT_FOUND",
      reason: "EVENT_NOT_FOUND",
      domain: "activityevents",
      metadata: { deployment_id: deploymentId, event_id: eventId },
    });
  });

  test("says the same of a deployment that does not exist", async () => {
    const refusal = await refusalOf(
      service.client.call(getEvent, { deploymentId: newDeploymentId(), eventId: "build-1" }),
    );

    expect(refusal).toMatchObject({ code: "NOT_FOUND", reason: "EVENT_NOT_FOUND" });
  });

  test("names each id that is none", async () => {
    const missing = await refusalOf(service.client.call(getEvent, {}));
    const wrong = await refusalOf(service.client.call(getEvent, { deploymentId: "a/b", eventId: ".." }));

    expect(missing).toMatchObject({ code: "INVALID_ARGUMENT", fields: ["deployment_id", "event_id"] });
    expect(wrong).toMatchObject({ reason: "REQUEST_INVALID", fields: ["deployment_id", "event_id"] });
  });
});
