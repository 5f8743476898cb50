import {
  BatchCreateEventsResponseSchema,
  CreateEventResponseSchema,
  GetDeploymentResponseSchema,
  GetEventResponseSchema,
  IngestEventsRequestSchema,
  IngestEventsResponseSchema,
  ListDeploymentsResponseSchema,
  ListEventsResponseSchema,
  StreamEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { HealthCheckResponseSchema } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { collect } from "@activity-events/testing/collect";
import { framed, openRawService, type RawCall } from "@activity-events/testing/raw-service";
import { fromBinary } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { ActivityEventsClient, type IngestOutcome } from "../../src/index.ts";

const event = { deploymentId: "d", eventId: "e", sequence: 1n, message: "built", data: { replicas: 3 } };
const deployment = { deploymentId: "d", headSequence: 1n, service: "web" };
const eventAt = (sequence: number) => ({ ...event, eventId: `e${sequence}`, sequence: BigInt(sequence) });

/** Serves one answer, in DATA frames of these chunks, to a call of the client. */
async function answered<Answer>(
  chunks: readonly Uint8Array[],
  call: (client: ActivityEventsClient) => Promise<Answer>,
): Promise<Answer> {
  await using service = await openRawService(async (raw) => {
    for (const chunk of chunks) await raw.write(chunk);
    raw.end();
  });
  const client = new ActivityEventsClient({ address: service.address, tls: false });
  return await call(client).finally(() => client.close());
}

/** All ways to part these bytes in two. */
const cuts = (bytes: Buffer) =>
  Array.from({ length: bytes.length - 1 }, (_, index) => [bytes.subarray(0, index + 1), bytes.subarray(index + 1)]);

type Call = (client: ActivityEventsClient) => Promise<unknown>;

test.each<readonly [string, Buffer, Call]>([
  ["CreateEvent", framed(CreateEventResponseSchema, { event }), (client) => client.createEvent({ event })],
  [
    "BatchCreateEvents",
    framed(BatchCreateEventsResponseSchema, { results: [{ event }, { event: eventAt(2) }] }),
    (client) => client.batchCreateEvents({ deploymentId: "d", events: [event, eventAt(2)] }),
  ],
  [
    "GetEvent",
    framed(GetEventResponseSchema, { event }),
    (client) => client.getEvent({ deploymentId: "d", eventId: "e" }),
  ],
  [
    "ListEvents",
    framed(ListEventsResponseSchema, { events: [event, eventAt(2)] }),
    (client) => collect(client.listEvents({ deploymentId: "d" })),
  ],
  [
    "GetDeployment",
    framed(GetDeploymentResponseSchema, { deployment }),
    (client) => client.getDeployment({ deploymentId: "d" }),
  ],
  [
    "ListDeployments",
    framed(ListDeploymentsResponseSchema, { deployments: [deployment] }),
    (client) => collect(client.listDeployments()),
  ],
  [
    "StreamEvents",
    Buffer.concat([
      framed(StreamEventsResponseSchema, { frame: { case: "opened", value: {} } }),
      framed(StreamEventsResponseSchema, { frame: { case: "events", value: { events: [event] } } }),
      framed(StreamEventsResponseSchema, { frame: { case: "caughtUp", value: { cursor: 1n, headSequence: 1n } } }),
    ]),
    (client) => collect(client.streamEvents({ deploymentId: "d" })),
  ],
  ["Health.Check", framed(HealthCheckResponseSchema, { status: 1 }), (client) => client.checkHealth()],
])("reads the answer of %s alike, wherever it is cut", async (_, answer, call) => {
  const plain = await answered([answer], call);

  for (const pieces of cuts(answer)) expect(await answered(pieces, call)).toEqual(plain);
});

/** The frames of a stream that acknowledges so many events, each in a message of its own. */
function acknowledging(count: number): Buffer[] {
  const opened = { case: "opened", value: { windowEvents: 1_000n, windowBytes: 1_000_000n } } as const;
  const acknowledgements = Array.from({ length: count }, (_, index) => {
    const ordinal = BigInt(index + 1);
    const one = { ordinal, sequence: ordinal, deploymentId: "d", eventId: `e${ordinal}` };
    const frame = { case: "acknowledgements" as const, value: { acknowledgements: [one] } };
    return framed(IngestEventsResponseSchema, { frame });
  });
  return [framed(IngestEventsResponseSchema, { frame: opened }), ...acknowledgements];
}

/** Pours so many events in, to a server that sends its frames once all have come. */
async function poured(count: number, answer: (call: RawCall, frames: Buffer[]) => Promise<void>): Promise<string[]> {
  await using service = await openRawService(async (call) => {
    const [opened = Buffer.alloc(0), ...acknowledgements] = acknowledging(count);
    await call.write(opened);
    await new Promise<void>((resolve) => {
      call.onMessages = () => {
        const events = call.messages.flatMap((message) => fromBinary(IngestEventsRequestSchema, message).events);
        if (events.length === count && call.isHalfClosed) resolve();
      };
    });
    await answer(call, acknowledgements);
    call.end();
  });
  const client = new ActivityEventsClient({ address: service.address, tls: false });
  const events = Array.from({ length: count }, (_, index) => eventAt(index + 1));
  const words = (outcome: IngestOutcome) => `${outcome.event.eventId} ${outcome.kind}`;
  return (await collect(client.ingestEvents(events)).finally(() => client.close())).map(words);
}

const stored = (count: number) => Array.from({ length: count }, (_, index) => `e${index + 1} stored`);

test("reads acknowledgements alike, wherever they are cut", async () => {
  const bytes = Buffer.concat(acknowledging(3).slice(1));

  for (const pieces of cuts(bytes)) {
    const outcomes = await poured(3, async (call) => {
      for (const piece of pieces) await call.write(piece);
    });
    expect(outcomes).toEqual(stored(3));
  }
});

test("reads acknowledgements alike, however many come in one frame", async () => {
  for (let together = 1; together <= 100; together += 1) {
    const outcomes = await poured(100, async (call, frames) => {
      for (let first = 0; first < frames.length; first += together) {
        await call.write(Buffer.concat(frames.slice(first, first + together)));
      }
    });
    expect(outcomes).toEqual(stored(100));
  }
});

test("reads the frames of StreamEvents alike, however many come in one frame", async () => {
  const frames = Array.from({ length: 100 }, (_, index) =>
    framed(StreamEventsResponseSchema, { frame: { case: "events", value: { events: [eventAt(index + 1)] } } }),
  );
  const read: Call = async (client) => {
    const sequences: bigint[] = [];
    for await (const frame of client.streamEvents({ deploymentId: "d" })) {
      if (frame.case === "events") sequences.push(...frame.value.events.map(({ sequence }) => sequence));
    }
    return sequences;
  };

  for (let together = 1; together <= 100; together += 1) {
    const chunks = Array.from({ length: Math.ceil(100 / together) }, (_, index) =>
      Buffer.concat(frames.slice(index * together, (index + 1) * together)),
    );
    expect(await answered(chunks, read)).toEqual(frames.map((_, index) => BigInt(index + 1)));
  }
});
