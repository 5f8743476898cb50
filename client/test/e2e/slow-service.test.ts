import {
  IngestEventsRequestSchema,
  IngestEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { HealthCheckResponseSchema } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { collect } from "@activity-events/testing/collect";
import { framed, openRawService, type RawCall } from "@activity-events/testing/raw-service";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { fromBinary } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "@jest/globals";
import { ActivityEventsClient } from "../../src/index.ts";
import { openUnreliableProxy } from "./unreliable-proxy.ts";

afterEach(cleanUp);

const event = { deploymentId: "d", eventId: "e", message: "m" };

async function answerHealth(call: RawCall, status: number): Promise<void> {
  await call.write(framed(HealthCheckResponseSchema, { status }));
  call.end();
}

/** Opens a stream, and acknowledges its event once `isDue`. */
async function acknowledgeOnce(call: RawCall, isDue: () => boolean): Promise<void> {
  const opened = { case: "opened", value: { windowEvents: 10n, windowBytes: 10_000n } } as const;
  await call.write(framed(IngestEventsResponseSchema, { frame: opened }));
  const hasCome = () =>
    call.messages.some((message) => fromBinary(IngestEventsRequestSchema, message).events.length === 1);
  await until(() => hasCome() && isDue(), "the event has come, and its acknowledgement is due");
  const acknowledgements = [{ ordinal: 1n, sequence: 1n, deploymentId: "d", eventId: "e" }];
  const frame = { case: "acknowledgements" as const, value: { acknowledgements } };
  await call.write(framed(IngestEventsResponseSchema, { frame }));
  call.end();
}

test("waits for a service that is slow, and asks it over a connection of its own", async () => {
  let questions = 0;
  await using service = await openRawService(async (call) => {
    if (call.path.endsWith("/IngestEvents")) return acknowledgeOnce(call, () => questions >= 6);
    questions += 1;
    return answerHealth(call, 1);
  });
  const client = new ActivityEventsClient({ address: service.address, tls: false });

  // It is asked each quarter of a second.
  const outcomes = await collect(client.ingestEvents([event], { timeoutMs: 1_000 })).finally(() => client.close());

  expect(outcomes).toMatchObject([{ kind: "stored", resent: false }]);
  // The question waits behind no events.
  expect(service.connections).toBe(2);
});

test.each([
  ["that answers nothing, though its connection lives", undefined],
  ["whose store does not answer", 2],
])("gives up a service %s", async (_, health) => {
  await using service = await openRawService(async (call) => {
    if (call.path.endsWith("/IngestEvents")) return acknowledgeOnce(call, () => call.isOver);
    return health === undefined ? undefined : answerHealth(call, health);
  });
  const client = new ActivityEventsClient({ address: service.address, tls: false });

  const outcomes = collect(client.ingestEvents([event], { timeoutMs: 500 }));

  await expect(outcomes).rejects.toMatchObject({ message: "The service acknowledged nothing for 0.5 s." });
  client.close();
});

test.each([
  ["stopped, directly", false],
  ["stopped, behind a proxy whose connections live", true],
])("gives up a service that is %s", async (_, isBehindProxy) => {
  const service = await startService({ dataDir: temporaryFolder().path });
  await using proxy = await openUnreliableProxy(service.port, []);
  const address = isBehindProxy ? proxy.address : service.address;
  const client = new ActivityEventsClient({ address, tls: false });
  await client.createEvent({ event: { ...event, eventId: "first" } });

  service.signal("SIGSTOP");
  const outcomes = collect(client.ingestEvents([event], { timeoutMs: 1_000 }));

  await expect(outcomes).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  client.close();
  service.signal("SIGCONT");
});
