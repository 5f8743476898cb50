import { ActivityEventsClient } from "@activity-events/client";
import {
  BatchCreateEventsResponseSchema,
  CreateEventResponseSchema,
  IngestEventsRequestSchema,
  IngestEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { HealthCheckResponseSchema } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { framed, openRawService, type RawCall } from "@activity-events/testing/raw-service";
import { fromBinary } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient } from "./running-client.ts";

afterEach(endClients);

const lines = ["a", "b", "c"].map((eventId) => JSON.stringify({ deploymentId: "d", eventId, message: "m" })).join("\n");

/** Acknowledges three events under these ids, then ends the stream with OK. */
async function acknowledge(call: RawCall, ids: readonly string[]): Promise<void> {
  const opened = { case: "opened", value: { windowEvents: 1_000n, windowBytes: 1_000_000n } } as const;
  await call.write(framed(IngestEventsResponseSchema, { frame: opened }));
  await new Promise<void>((resolve) => {
    call.onMessages = () => {
      const { length } = call.messages.flatMap((message) => fromBinary(IngestEventsRequestSchema, message).events);
      if (length === 3 && call.isHalfClosed) resolve();
    };
  });
  const acknowledgements = ids.map((eventId, index) => {
    const ordinal = BigInt(index + 1);
    return { ordinal, sequence: ordinal, deploymentId: "d", eventId };
  });
  const frame = { case: "acknowledgements", value: { acknowledgements } } as const;
  await call.write(framed(IngestEventsResponseSchema, { frame }));
  call.end();
}

test.each([
  ["leaves an acknowledgement out and ends with OK", ["a", "b"], "d\t1\ta\trecorded\nd\t2\tb\trecorded\n", "line 3"],
  ["drops an event and acknowledges the ones behind it", ["a", "c"], "d\t1\ta\trecorded\n", "lines 2 to 3"],
])("add says loudly that a server %s, and tells nothing as recorded for it", async (_, ids, output, range) => {
  let streams = 0;
  await using service = await openRawService(async (call) => {
    if (call.path.endsWith("/Check")) {
      await call.write(framed(HealthCheckResponseSchema, { status: 1 }));
      return call.end();
    }
    streams += 1;
    await acknowledge(call, ids);
  });

  const added = await runClient({ args: ["add"], input: lines, address: service.address });

  expect(added).toMatchObject({ exitCode: 1, output });
  expect(added.errors).toContain(`${range}: INTERNAL: `);
  expect(added.errors).toContain("These events may be stored. Send them again");
  expect(streams).toBe(1);
});

test("createEvent and batchCreateEvents take no answer about other events", async () => {
  const sent = { deploymentId: "d", eventId: "a", message: "m" };
  const [a, b, other] = [sent, { ...sent, eventId: "b" }, { ...sent, deploymentId: "c" }];
  const answers = [
    framed(CreateEventResponseSchema, { event: b }),
    framed(CreateEventResponseSchema, { event: other }),
    framed(BatchCreateEventsResponseSchema, { results: [{ event: b }, { event: a }] }),
  ];
  await using service = await openRawService(async (call) => {
    await call.write(answers.shift() ?? Buffer.alloc(0));
    call.end();
  });
  const client = new ActivityEventsClient({ address: service.address, tls: false });

  const message = expect.stringContaining("What it stored is unknown.");
  const untrue = { code: "INTERNAL", message };
  await expect(client.createEvent({ event: a })).rejects.toMatchObject(untrue);
  await expect(client.createEvent({ event: a })).rejects.toMatchObject(untrue);
  await expect(client.batchCreateEvents({ deploymentId: "d", events: [a, b] })).rejects.toMatchObject(untrue);
  client.close();
});
