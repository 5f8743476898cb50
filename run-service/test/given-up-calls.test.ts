import type { AppendOptions } from "@activity-events/event-store";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { describe, expect, test } from "@jest/globals";
import { embedService } from "./embed-service.ts";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";

const { batchCreateEvents, createEvent } = ActivityEventsService.method;

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
