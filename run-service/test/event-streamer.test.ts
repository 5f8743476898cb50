import { type DeploymentId, everyEvent, limits, openEventStore } from "@activity-events/event-store";
import { expect, test } from "@jest/globals";
import { EventStreamer } from "../src/application/event-streamer.ts";
import { OpenStreams } from "../src/application/open-streams.ts";
import type { Refusal } from "../src/application/refusal.ts";

test("as many streams are open as the limits allow; the next is refused until one of them ends", async () => {
  const store = await openEventStore({ store: "memory" }, () => []);
  const streamer = new EventStreamer({
    streams: new OpenStreams(),
    store,
    heartbeatIntervalMs: 15_000,
    streamMaxAgeMs: 3_300_000,
    random: () => 1,
    onFault: () => {},
  });
  const request = { deploymentId: "a" as DeploymentId, afterSequence: 0, follow: true, filter: everyEvent };
  const open = async () => {
    const end = new AbortController();
    const frames = streamer.stream(request, end.signal);
    await frames.next();
    return { close: () => frames.return() };
  };

  const streams = await Promise.all(Array.from({ length: limits.streamsMax }, open));
  const refusal = await open().then(undefined, (error: Refusal) => error);
  await streams[0]?.close();
  const next = await open();
  await Promise.all([next, ...streams].map((stream) => stream.close()));

  expect(refusal).toMatchObject({
    reason: "TOO_MANY_STREAMS",
    metadata: { streams_max: `${limits.streamsMax}` },
    retryDelayMs: 5_000,
  });
});
