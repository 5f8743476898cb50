import {
  type DeploymentId,
  damageAt,
  type EventStore,
  limits,
  StoreFaultError,
  type StoreFaultReason,
} from "@activity-events/event-store";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { describe, expect, test } from "@jest/globals";
import { embedService } from "./embed-service.ts";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";

const { batchCreateEvents, createEvent, getDeployment, getEvent, listDeployments, listEvents, streamEvents } =
  ActivityEventsService.method;

type Fault = {
  readonly code: string;
  readonly retryDelayMs: number | undefined;
  readonly metadata: Record<string, string>;
};

const faults: readonly [Exclude<StoreFaultReason, "DEADLINE_PASSED">, Fault][] = [
  ["STORE_FULL", { code: "RESOURCE_EXHAUSTED", retryDelayMs: undefined, metadata: {} }],
  ["STORE_READ_ONLY", { code: "UNAVAILABLE", retryDelayMs: 5_000, metadata: {} }],
  ["STORE_IO_ERROR", { code: "UNAVAILABLE", retryDelayMs: 1_000, metadata: {} }],
  ["STORE_UNAVAILABLE", { code: "UNAVAILABLE", retryDelayMs: 1_000, metadata: {} }],
  ["STORE_DAMAGED", { code: "DATA_LOSS", retryDelayMs: undefined, metadata: {} }],
  ["STORE_REFUSED", { code: "INTERNAL", retryDelayMs: undefined, metadata: {} }],
  [
    "TOO_MANY_WAITING",
    { code: "RESOURCE_EXHAUSTED", retryDelayMs: 1_000, metadata: { waiting_bytes_max: `${limits.waitingBytesMax}` } },
  ],
];

describe.each(faults)("when the store says %s", (reason, expected) => {
  const fail = async () => {
    throw new StoreFaultError(reason, "as it is told");
  };

  test("an append is refused with it", async () => {
    await using service = await embedService({ around: (store) => ({ ...store, append: fail }) });
    const deploymentId = newDeploymentId();

    const one = await refusalOf(service.client.call(createEvent, { event: newEvent({ deploymentId }) }));
    const many = await refusalOf(service.client.call(batchCreateEvents, { deploymentId, events: [{ message: "x" }] }));

    expect(one).toMatchObject({ reason, domain: "activityevents", message: "as it is told", ...expected });
    expect(many).toEqual(one);
  });

  test("a read is refused with it", async () => {
    const around = (store: EventStore): EventStore => ({
      ...store,
      readEvent: fail,
      readEvents: fail,
      readDeployment: fail,
      readDeployments: fail,
    });
    await using service = await embedService({ around });
    const { client } = service;
    const deploymentId = newDeploymentId();

    const refusals = await Promise.all(
      [
        client.call(getEvent, { deploymentId, eventId: "a" }),
        client.call(listEvents, { deploymentId }),
        client.call(getDeployment, { deploymentId }),
        client.call(listDeployments, {}),
        client.stream(streamEvents, { deploymentId, follow: true }).rest(),
      ].map((call) => refusalOf(call)),
    );

    for (const refusal of refusals) expect(refusal).toMatchObject({ reason, ...expected });
  });
});

test("reads go on while the store takes no appends, and appends go on when it takes them again", async () => {
  let isFull = false;
  await using service = await embedService({
    around: (store) => ({
      ...store,
      append: (append, options) =>
        isFull ? Promise.reject(new StoreFaultError("STORE_FULL", "full")) : store.append(append, options),
    }),
  });
  const deploymentId = newDeploymentId();
  const record = () => service.client.call(createEvent, { event: newEvent({ deploymentId }) });

  await record();
  isFull = true;
  const refusal = await refusalOf(record());
  const { events } = await service.client.call(listEvents, { deploymentId });
  isFull = false;
  const { event } = await record();

  expect(refusal.reason).toBe("STORE_FULL");
  expect(events).toHaveLength(1);
  expect(event?.sequence).toBe(2n);
});

test("a refusal for damage names the place, as far as the store knows it", async () => {
  const places = [{ deploymentId: "d" as DeploymentId, sequence: 7 }, { deploymentId: "d" as DeploymentId }];
  for (const place of places) {
    await using service = await embedService({
      around: (store) => ({
        ...store,
        readEvents: async () => {
          throw damageAt(place, "an event is not as it was stored");
        },
      }),
    });

    const refusal = await refusalOf(service.client.call(listEvents, { deploymentId: "d" }));

    expect(refusal).toMatchObject({
      code: "DATA_LOSS",
      reason: "STORE_DAMAGED",
      message: "an event is not as it was stored",
    });
    const { next_page_token, ...metadata } = refusal.metadata;
    expect(metadata).toEqual("sequence" in place ? { deployment_id: "d", sequence: "7" } : { deployment_id: "d" });
    expect(next_page_token !== undefined).toBe("sequence" in place);
  }
});
