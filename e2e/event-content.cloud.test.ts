import { closeAll, startCloud } from "@activity-events/testing/cloud-stack";
import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { afterEach, expect, test } from "@jest/globals";

afterEach(async () => {
  disconnectAll();
  await closeAll();
});

test("gives back from Firestore what Firestore itself cannot hold: arrays in arrays, a nanosecond, reserved names", async () => {
  const { addresses } = await startCloud();
  const [here, there] = [connect(addresses[0] ?? ""), connect(addresses[1] ?? "")];
  const content = {
    message: "a\0b",
    sendTime: { seconds: 0n, nanos: 1 },
    data: { nested: [[1]], empty: {}, __name__: null, big: Number.MAX_SAFE_INTEGER },
    labels: { ["__proto__"]: "p", __x__: "" },
  };

  await call(here, methods.createEvent, { event: { deploymentId: "d", eventId: "odd", ...content } });
  const { event } = await call(there, methods.getEvent, { deploymentId: "d", eventId: "odd" });
  const again = await call(there, methods.createEvent, { event: { deploymentId: "d", eventId: "odd", ...content } });

  expect(event).toMatchObject({ message: content.message, sendTime: content.sendTime, data: content.data });
  expect(Object.entries(event?.labels ?? {})).toEqual(Object.entries(content.labels));
  expect(again).toMatchObject({ duplicate: true, event: { sequence: 1n } });
});
