import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import type { MessageReader } from "@activity-events/testing/message-reader";
import { until } from "@activity-events/testing/until";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { limits } from "../src/limits.ts";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { newDeploymentId } from "./new-event.ts";
import { readRefusal } from "./read-refusal.ts";

const { ingestEvents, streamEvents } = ActivityEventsService.method;
const { watch } = Health.method;

/** Opens so many streams of Health.Watch, which cost the least; resolves when the service serves all. */
async function openWatches(address: string, count: number) {
  const sessions: ClientHttp2Session[] = [];
  for (let left = count; left > 0; left -= limits.connectionCallsMax) {
    sessions.push(await openWatchesOfConnection(address, Math.min(left, limits.connectionCallsMax)));
  }
  return {
    close: () => {
      for (const session of sessions) session.destroy();
    },
  };
}

async function openWatchesOfConnection(address: string, count: number) {
  const session = connect(`http://${address}`).on("error", () => {});
  await once(session, "remoteSettings");
  const request = { ":method": "POST", ":path": methodPath(watch), "content-type": "application/grpc", te: "trailers" };
  let told = 0;
  for (let opened = 0; opened < count; opened += 1) {
    const stream = session.request(request).on("error", () => {});
    stream.once("data", () => {
      told += 1;
    });
    stream.end(Buffer.alloc(5));
    if (opened % 100 === 99) await until(() => told > opened - 500, "the service keeps up");
  }
  await until(() => told === count, "all are told the state");
  return session;
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

describe("when as many streams are open as the service takes", () => {
  let service: EmbeddedService;
  let watches: { close(): void };
  beforeAll(async () => {
    service = await embedService();
    watches = await openWatches(service.address, limits.streamsMax - 1);
  });
  afterAll(async () => {
    watches.close();
    await service[Symbol.asyncDispose]();
  });

  const open = {
    IngestEvents: () => service.client.bidi(ingestEvents),
    StreamEvents: () => service.client.stream(streamEvents, { deploymentId: newDeploymentId(), follow: true }),
    "Health.Watch": () => service.client.stream(watch, {}),
    ServerReflectionInfo: () =>
      // A ServerReflectionRequest that lists the services.
      service.client.duplex("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", [Buffer.from([0x3a, 0])]),
  };

  test.each(Object.keys(open) as (keyof typeof open)[])(
    "another one of %s is refused with the way out, until one of them ends",
    async (method) => {
      const last = await openOnceServed(open[method]);
      const refusal = readRefusal(await open[method]().status);
      last.cancel();
      const again = await openOnceServed(open[method]);
      again.cancel();

      expect(refusal).toMatchObject({
        code: "RESOURCE_EXHAUSTED",
        reason: "TOO_MANY_STREAMS",
        metadata: { streams_max: `${limits.streamsMax}` },
        retryDelayMs: 5_000,
      });
    },
  );
});
