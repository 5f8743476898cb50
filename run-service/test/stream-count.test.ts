import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import type { MessageReader } from "@activity-events/testing/message-reader";
import { grpcFrame } from "@activity-events/testing/raw-http2";
import { until } from "@activity-events/testing/until";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { limits } from "../src/limits.ts";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { newDeploymentId } from "./new-event.ts";
import { readRefusal } from "./read-refusal.ts";

const { ingestEvents, streamEvents } = ActivityEventsService.method;
const { watch } = Health.method;

/** Opens so many streams of one method over raw connections; resolves when the service serves all. */
async function openStreams(address: string, { path, body, count }: Streams) {
  const sessions: ClientHttp2Session[] = [];
  for (let left = count; left > 0; left -= streamsOfConnection) {
    sessions.push(await openStreamsOfConnection(address, { path, body, count: Math.min(left, streamsOfConnection) }));
  }
  return {
    close: () => {
      for (const session of sessions) session.destroy();
    },
  };
}

async function openStreamsOfConnection(address: string, { path, body, count }: Streams) {
  const session = connect(`http://${address}`).on("error", () => {});
  await once(session, "remoteSettings");
  const request = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
  let told = 0;
  for (let opened = 0; opened < count; opened += 1) {
    const stream = session.request(request).on("error", () => {});
    stream.once("data", () => {
      told += 1;
    });
    stream.end(grpcFrame(body));
    if (opened % 100 === 99) await until(() => told > opened - 500, "the service keeps up");
  }
  await until(() => told === count, "all are told the state");
  return session;
}

/** Few enough for the bytes that one connection may hold. */
const streamsOfConnection = 200;

interface Streams {
  readonly path: string;
  /** Encoded request. */
  readonly body: Uint8Array;
  readonly count: number;
}

/** Opens a stream as often as it takes to be served: the service hears of the end of another one a little later. */
async function openOnceServed(open: () => MessageReader<unknown>): Promise<MessageReader<unknown>> {
  let served: MessageReader<unknown> | undefined;
  await until(async () => {
    const stream = open();
    served = await stream.next().then(
      () => stream,
      () => undefined,
    );
    return served !== undefined;
  }, "one is served");
  return served as MessageReader<unknown>;
}

const followers: Omit<Streams, "count"> = {
  path: methodPath(streamEvents),
  body: toBinary(streamEvents.input, create(streamEvents.input, { deploymentId: "followed", follow: true })),
};
const watches: Omit<Streams, "count"> = { path: methodPath(watch), body: new Uint8Array() };

const open = {
  IngestEvents: (service: EmbeddedService) => service.client.bidi(ingestEvents),
  StreamEvents: (service: EmbeddedService) =>
    service.client.stream(streamEvents, { deploymentId: newDeploymentId(), follow: true }),
  "Health.Watch": (service: EmbeddedService) => service.client.stream(watch, {}),
  ServerReflectionInfo: (service: EmbeddedService) =>
    // A ServerReflectionRequest that lists the services.
    service.client.duplex("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", [Buffer.from([0x3a, 0])]),
};
type Name = keyof typeof open;

describe.each([
  {
    what: "as many streams are open as the service takes",
    streams: { ...followers, count: limits.streamsMax - 1 },
    refused: ["IngestEvents", "StreamEvents"],
    metadata: { streams_max: `${limits.streamsMax}` },
    served: ["Health.Watch", "ServerReflectionInfo"],
  },
  {
    what: "as many calls are open as the service takes of those that anybody may make",
    streams: { ...watches, count: limits.openCallsMax - 1 },
    refused: ["Health.Watch", "ServerReflectionInfo"],
    metadata: { open_max: `${limits.openCallsMax}` },
    served: ["IngestEvents", "StreamEvents"],
  },
] as const)("when $what", ({ streams, refused, metadata, served }) => {
  let service: EmbeddedService;
  let opened: { close(): void } | undefined;
  beforeAll(async () => {
    service = await embedService();
    opened = await openStreams(service.address, streams);
  });
  afterAll(async () => {
    opened?.close();
    await service[Symbol.asyncDispose]();
  });

  test.each<Name>(refused)("another one of %s is refused with the way out, until one of them ends", async (method) => {
    const last = await openOnceServed(() => open[method](service));
    const refusal = readRefusal(await open[method](service).status);
    last.cancel();
    const again = await openOnceServed(() => open[method](service));
    again.cancel();

    expect(refusal).toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      reason: "TOO_MANY_STREAMS",
      metadata,
      retryDelayMs: 5_000,
    });
  });

  test.each<Name>(served)("%s is served all the same", async (method) => {
    const last = await openOnceServed(() => open[refused[0]](service));
    const stream = open[method](service);

    await stream.next();

    stream.cancel();
    last.cancel();
  });
});
