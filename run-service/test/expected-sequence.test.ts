import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { describe, expect, test } from "@jest/globals";
import { type EventInit, newDeploymentId, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { serviceOfSuite, stores } from "./start-service.ts";

const { createEvent, getDeployment } = ActivityEventsService.method;

describe.each(stores)("expected_sequence of CreateEvent on %s", (store) => {
  const service = serviceOfSuite({ STORE: store });
  const record = (event: EventInit, expectedSequence?: bigint) =>
    service.client.call(createEvent, { event, ...(expectedSequence === undefined ? {} : { expectedSequence }) });

  test("0 creates a deployment", async () => {
    const { event } = await record(newEvent(), 0n);

    expect(event?.sequence).toBe(1n);
  });

  test("0 is refused when the deployment exists", async () => {
    const deploymentId = newDeploymentId();

    await record(newEvent({ deploymentId }));
    const refusal = await refusalOf(record(newEvent({ deploymentId }), 0n));

    expect(refusal).toMatchObject({
      code: "ABORTED",
      reason: "SEQUENCE_MISMATCH",
      domain: "activityevents",
      metadata: { deployment_id: deploymentId, expected_sequence: "0", actual_sequence: "1" },
      fields: [],
    });
  });

  test("the head's sequence lets the event in", async () => {
    const deploymentId = newDeploymentId();

    await record(newEvent({ deploymentId }));
    const { event } = await record(newEvent({ deploymentId }), 1n);

    expect(event?.sequence).toBe(2n);
  });

  test.each([1n, 7n, 2n ** 63n - 1n])(
    "%s is refused when the deployment does not exist, and nothing is written",
    async (expected) => {
      const event = newEvent();

      const refusal = await refusalOf(record(event, expected));

      const missing = await refusalOf(service.client.call(getDeployment, { deploymentId: event.deploymentId }));
      expect(refusal).toMatchObject({ code: "ABORTED", metadata: { actual_sequence: "0" } });
      expect(missing.reason).toBe("DEPLOYMENT_NOT_FOUND");
    },
  );

  test("a duplicate is answered as one whatever is expected", async () => {
    const event = newEvent();

    await record(event, 0n);
    const answers = [await record(event, 0n), await record(event, 1n), await record(event, 99n)];

    expect(answers.map(({ duplicate }) => duplicate)).toEqual([true, true, true]);
  });

  test("a conflict is told before a mismatch", async () => {
    const event = newEvent();

    await record(event);
    const refusal = await refusalOf(record({ ...event, message: "something else" }, 99n));

    expect(refusal).toMatchObject({ code: "ALREADY_EXISTS", reason: "EVENT_ID_CONFLICT" });
  });

  test("lets one of 50 concurrent writers in", async () => {
    const deploymentId = newDeploymentId();
    await record(newEvent({ deploymentId }));

    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => record(newEvent({ deploymentId }), 1n)));

    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const { deployment } = await service.client.call(getDeployment, { deploymentId });
    expect(deployment?.headSequence).toBe(2n);
  });
});
