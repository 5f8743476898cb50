import { type AppendOptions, type EventStore, StoreFaultError } from "@activity-events/event-store";
import {
  ActivityEventsService,
  BatchCreateEventsRequestSchema,
  CreateEventRequestSchema,
  IngestEventsRequestSchema,
  StreamEventsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import { embedService } from "./embed-service.ts";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";

const { batchCreateEvents, createEvent, ingestEvents, streamEvents } = ActivityEventsService.method;

/** A service whose store keeps every append waiting, and notes by when it is to be answered. */
async function embedWaiting() {
  const appends: AppendOptions[] = [];
  const service = await embedService({
    around: (store) => ({
      ...store,
      append: (_, options) => {
        appends.push(options);
        return new Promise(() => {});
      },
    }),
  });
  return { ...service, appends };
}

describe("an append whose caller waits no longer", () => {
  test("has the caller's deadline, and is told when it has passed", async () => {
    await using service = await embedWaiting();
    const begunMs = Date.now();

    await refusalOf(service.client.call(createEvent, { event: newEvent() }, { timeoutMs: 1_500 }));
    const [append] = service.appends;
    while (append?.signal?.aborted === false) {
      await new Promise<void>((resolve) => append.signal?.addEventListener("abort", () => resolve()));
    }

    expect(append?.signal?.aborted).toBe(true);
    // The wire says how long the caller still waits, so it counts from when the call arrived.
    expect(append?.deadlineMs).toBeGreaterThan(begunMs + 1_000);
    expect(append?.deadlineMs).toBeLessThan(Date.now() + 1_500);
  });

  test("has ten seconds when the caller would wait longer", async () => {
    await using service = await embedWaiting();
    const begunMs = Date.now();

    const deploymentId = newDeploymentId();
    const call = service.client.call(
      batchCreateEvents,
      { deploymentId, events: [{ message: "x" }] },
      { timeoutMs: 60_000 },
    );
    call.catch(() => {});
    while (service.appends.length === 0) await new Promise((resolve) => setImmediate(resolve));

    const [append] = service.appends;
    expect(append?.deadlineMs).toBeGreaterThanOrEqual(begunMs + 10_000);
    expect(append?.deadlineMs).toBeLessThanOrEqual(Date.now() + 10_000);
    expect(append?.signal?.aborted).toBe(false);
  });
});

describe("a call that its caller cancels", () => {
  const event = newEvent();
  const { deploymentId } = event;
  const requests: readonly (readonly [string, Uint8Array])[] = [
    [methodPath(createEvent), toBinary(CreateEventRequestSchema, create(CreateEventRequestSchema, { event }))],
    [
      methodPath(batchCreateEvents),
      toBinary(
        BatchCreateEventsRequestSchema,
        create(BatchCreateEventsRequestSchema, { deploymentId, events: [event] }),
      ),
    ],
    [
      methodPath(ingestEvents),
      toBinary(IngestEventsRequestSchema, create(IngestEventsRequestSchema, { events: [event] })),
    ],
    [
      methodPath(streamEvents),
      toBinary(StreamEventsRequestSchema, create(StreamEventsRequestSchema, { deploymentId, follow: true })),
    ],
  ];

  /** A store that fails everything once the test says so, whatever it is asked. */
  const failing = () => {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {});
    let asked = 0;
    const wait = () => {
      asked += 1;
      return promise;
    };
    return {
      around: (store: EventStore): EventStore => ({ ...store, append: wait, readDeployment: wait }),
      isAsked: () => asked > 0,
      fail: () => reject(new StoreFaultError("STORE_UNAVAILABLE", "the store did not answer")),
    };
  };

  test.each(requests)(
    "of %s is CANCELLED in the log, and no fault, whatever the store says meanwhile",
    async (path, request) => {
      const store = failing();
      await using service = await embedService(store);
      const call = service.client.duplex(path, [request]);
      if (path !== methodPath(ingestEvents)) call.finish();
      while (!store.isAsked()) await new Promise((resolve) => setImmediate(resolve));

      call.cancel();
      // The connection is one, so that this comes after the cancellation.
      await service.client.callPath("/grpc.health.v1.Health/List", new Uint8Array());
      store.fail();
      const lineOf = () => service.log.find(({ method }) => method === path.slice(1));
      while (lineOf() === undefined) await new Promise((resolve) => setImmediate(resolve));

      expect(lineOf()).toMatchObject({ message: "call", level: 30, code: "CANCELLED" });
      expect(lineOf()).not.toHaveProperty("reason");
    },
  );
});
