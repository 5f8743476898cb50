import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type EventStore, StoreFaultError } from "@activity-events/event-store";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { describe, expect, test } from "@jest/globals";
import { embedService } from "./embed-service.ts";
import { frameInWords, inRanges, isFrame, sequencesIn } from "./frame-in-words.ts";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import type { ServiceClient } from "./service-client.ts";
import { startService } from "./start-service.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { type CountedStore, countUses, silenceable, withoutSequences } from "./unreliable-store.ts";

const { createEvent, streamEvents } = ActivityEventsService.method;

const recordEvents = async (client: ServiceClient, deploymentId: string, count: number) => {
  for (let n = 0; n < count; n += 1) await client.call(createEvent, { event: newEvent({ deploymentId }) });
};

describe("a listener that goes silent", () => {
  test("is noticed by the head that a heartbeat reads; everything arrives, and a new listener takes over", async () => {
    let silence = () => {};
    let counts: CountedStore["counts"] | undefined;
    await using service = await embedService({
      heartbeatIntervalMs: 100,
      around: (store) => {
        const unreliable = silenceable(store);
        silence = unreliable.silence;
        const counted = countUses(unreliable.store);
        counts = counted.counts;
        return counted.store;
      },
    });
    const { client } = service;
    const deploymentId = newDeploymentId();
    await recordEvents(client, deploymentId, 1);
    const reader = client.stream(streamEvents, { deploymentId, follow: true });
    await reader.until(isFrame("caughtUp"));

    silence();
    await recordEvents(client, deploymentId, 3);
    const missed = await reader.until((frame) => sequencesIn([frame]).includes(4));
    while (service.faults.length === 0) await reader.until(isFrame("heartbeat"));
    await recordEvents(client, deploymentId, 1);
    const live = await reader.until(isFrame("events"));
    const replaced = { ...counts };
    reader.cancel();

    expect(inRanges(sequencesIn(missed))).toBe("2-4");
    expect(live.map(frameInWords).at(-1)).toBe("events 5");
    expect(service.faults).toEqual([{ code: "LISTENER_SILENT", deploymentId }]);
    expect(replaced).toMatchObject({ listeners: 2, closed: 1 });
  });

  test("is not suspected while nothing happens, nor while all is told", async () => {
    await using service = await embedService({ heartbeatIntervalMs: 20 });
    const deploymentId = newDeploymentId();
    const reader = service.client.stream(streamEvents, { deploymentId, follow: true });

    for (let n = 0; n < 3; n += 1) {
      await reader.until(isFrame("heartbeat"));
      await recordEvents(service.client, deploymentId, 2);
      await reader.until(isFrame("heartbeat"));
    }
    reader.cancel();

    expect(service.faults).toEqual([]);
  });
});

describe("a sequence that the store has lost", () => {
  test.each([
    ["in the middle", [2], ["opened after 0", "events 1,3-4", "caught_up 4 of 4"], 0],
    ["at the end", [3, 4], ["opened after 0", "events 1-2", "caught_up 4 of 4"], 0],
    ["altogether", [1, 2, 3, 4], ["opened after 0", "caught_up 4 of 4"], 0],
  ])("%s is passed over, and noted as a fault", async (_, lost, expected, after) => {
    await using service = await embedService({ around: (store) => withoutSequences(store, lost) });
    const deploymentId = newDeploymentId();
    await recordEvents(service.client, deploymentId, 4);

    const frames = await service.client.stream(streamEvents, { deploymentId }).rest();

    expect(frames.map(frameInWords)).toEqual(expected);
    expect(service.faults).toEqual([
      { code: "SEQUENCE_MISSING", deploymentId, after, to: 4, present: 4 - lost.length },
    ]);
  });

  test.each([
    ["in the middle", [2], "events 1,3-4"],
    ["at the end", [4], "events 1-3"],
  ])("is passed over %s under a filter as well", async (_, lost, events) => {
    await using service = await embedService({ around: (store) => withoutSequences(store, lost) });
    const deploymentId = newDeploymentId();
    await recordEvents(service.client, deploymentId, 4);

    const frames = await service.client
      .stream(streamEvents, { deploymentId, filter: { typePrefix: "deployment." } })
      .rest();

    expect(frames.map(frameInWords)).toEqual(["opened after 0", events, "caught_up 4 of 4"]);
    expect(service.faults).toMatchObject([{ code: "SEQUENCE_MISSING", to: 4, present: 3 }]);
  });

  test("holds up no follower, and is in the log", async () => {
    using folder = temporaryFolder();
    const settings = { STORE: "sqlite", DATA_DIR: folder.path };
    const deploymentId = newDeploymentId();
    {
      await using before = await startService(settings);
      await recordEvents(before.client, deploymentId, 3);
    }
    const file = new DatabaseSync(join(folder.path, "events.db"));
    file.exec("DELETE FROM events WHERE sequence = 2");
    file.close();

    await using service = await startService(settings);
    const reader = service.client.stream(streamEvents, { deploymentId, follow: true });
    const frames = await reader.until(isFrame("caughtUp"));
    await recordEvents(service.client, deploymentId, 1);
    const live = await reader.next();
    reader.cancel();
    const fault = await service.process.line(({ message }) => message === "fault");

    expect(frames.map(frameInWords)).toEqual(["opened after 0", "events 1,3", "caught_up 3 of 3"]);
    expect(frameInWords(live)).toBe("events 4");
    expect(fault).toMatchObject({
      severity: "ERROR",
      code: "SEQUENCE_MISSING",
      deploymentId,
      after: 0,
      to: 3,
      present: 2,
    });
  });
});

describe("a store that fails while a stream reads", () => {
  const failing = (store: EventStore): EventStore => ({
    ...store,
    readEvents: async () => {
      throw new StoreFaultError("STORE_IO_ERROR", "the disk under the store answered with an error");
    },
  });

  test("ends the stream with its reason, so that the reader opens another one", async () => {
    await using service = await embedService({ around: failing });
    const deploymentId = newDeploymentId();
    await recordEvents(service.client, deploymentId, 1);

    const reader = service.client.stream(streamEvents, { deploymentId, follow: true });
    const opened = await reader.next();
    const refusal = await refusalOf(reader.rest());

    expect(frameInWords(opened)).toBe("opened after 0");
    expect(refusal).toMatchObject({ code: "UNAVAILABLE", reason: "STORE_IO_ERROR", retryDelayMs: 1_000 });
  });
});
