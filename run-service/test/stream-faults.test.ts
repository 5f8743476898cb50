import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type EventStore, StoreFaultError } from "@activity-events/event-store";
import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import {
  ActivityEventsService,
  EventOrder,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { ServiceClient } from "@activity-events/testing/service-client";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { describe, expect, test } from "@jest/globals";
import { embedService } from "./embed-service.ts";
import { frameInWords, inRanges, isFrame, sequencesIn } from "./frame-in-words.ts";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { startService } from "./start-service.ts";
import { type CountedStore, countUses, silenceable, withoutSequences } from "./unreliable-store.ts";

const { createEvent, getDeployment, listDeployments, listEvents, streamEvents } = ActivityEventsService.method;

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
  /** What a stream gave, and the refusal that it ended with. */
  const readToEnd = async (reader: ReturnType<ServiceClient["stream"]>) => {
    const frames: string[] = [];
    const read = async () => {
      for (;;) frames.push(frameInWords((await reader.next()) as Parameters<typeof frameInWords>[0]));
    };
    const refusal = await refusalOf(read());
    return { frames, refusal };
  };
  const dataLoss = (deploymentId: string, sequence: number) => ({
    code: "DATA_LOSS",
    reason: "STORE_DAMAGED",
    metadata: { deployment_id: deploymentId, sequence: `${sequence}` },
  });

  test.each([
    ["in the middle", [2], ["opened after 0", "events 1"], 2],
    ["at the end", [3, 4], ["opened after 0", "events 1-2"], 3],
    ["at the start", [1], ["opened after 0"], 1],
    ["altogether", [1, 2, 3, 4], ["opened after 0"], 1],
    ["in two places", [2, 4], ["opened after 0", "events 1"], 2],
  ])(
    "%s is data loss, told by its sequence behind what precedes it, and noted as a fault",
    async (_, lost, before, sequence) => {
      await using service = await embedService({ around: (store) => withoutSequences(store, lost) });
      const deploymentId = newDeploymentId();
      await recordEvents(service.client, deploymentId, 4);

      const { frames, refusal } = await readToEnd(service.client.stream(streamEvents, { deploymentId }));

      expect(frames).toEqual(before);
      expect(refusal).toMatchObject(dataLoss(deploymentId, sequence));
      expect(service.faults).toEqual([{ code: "SEQUENCE_MISSING", deploymentId, sequence }]);
    },
  );

  // A page of so many is kept for all streams.
  test("is data loss as well at the end behind a long page", async () => {
    await using service = await embedService({ around: (store) => withoutSequences(store, [119, 120]) });
    const deploymentId = newDeploymentId();
    await recordEvents(service.client, deploymentId, 120);

    const first = await readToEnd(service.client.stream(streamEvents, { deploymentId }));
    const again = await readToEnd(service.client.stream(streamEvents, { deploymentId, follow: true }));

    for (const { frames, refusal } of [first, again]) {
      expect(frames).toEqual(["opened after 0", "events 1-118"]);
      expect(refusal).toMatchObject(dataLoss(deploymentId, 119));
    }
  });

  test.each([
    ["in the middle", [2], ["opened after 0", "events 1"], 2],
    ["at the end", [4], ["opened after 0", "events 1,3"], 4],
  ])("is data loss %s under a filter as well", async (_, lost, before, sequence) => {
    await using service = await embedService({ around: (store) => withoutSequences(store, lost) });
    const deploymentId = newDeploymentId();
    for (const type of ["deployment.started", "other", "deployment.progress", "other"]) {
      await service.client.call(createEvent, { event: newEvent({ deploymentId, type }) });
    }

    const filter = { typePrefix: "deployment." };
    const { frames, refusal } = await readToEnd(service.client.stream(streamEvents, { deploymentId, filter }));

    expect(frames).toEqual(before);
    expect(refusal).toMatchObject(dataLoss(deploymentId, sequence));
  });

  test("is passed by a reader who resumes with it as the cursor", async () => {
    await using service = await embedService({ around: (store) => withoutSequences(store, [2, 3]) });
    const deploymentId = newDeploymentId();
    await recordEvents(service.client, deploymentId, 5);

    const second = await readToEnd(service.client.stream(streamEvents, { deploymentId, afterSequence: 2n }));
    const third = await service.client.stream(streamEvents, { deploymentId, afterSequence: 3n }).rest();

    expect(second).toMatchObject({ frames: ["opened after 2"], refusal: dataLoss(deploymentId, 3) });
    expect(third.map(frameInWords)).toEqual(["opened after 3", "events 4-5", "caught_up 5 of 5"]);
  });

  test("ends a follower in a file that somebody changed, and is in the log", async () => {
    using folder = temporaryFolder();
    const settings = { STORE: "sqlite", DATA_DIR: folder.path };
    const deploymentId = newDeploymentId();
    {
      await using before = await startService(settings);
      await recordEvents(before.client, deploymentId, 3);
      // After a kill the file would have to be all that was acknowledged.
      before.process.kill("SIGTERM");
      await before.process.ended;
    }
    const file = new DatabaseSync(join(folder.path, "events.db"));
    file.exec("DELETE FROM events WHERE sequence = 2");
    file.close();

    await using service = await startService(settings);
    const follower = service.client.stream(streamEvents, { deploymentId, follow: true });
    const { frames, refusal } = await readToEnd(follower);
    const fault = await service.process.line(({ message }) => message === "fault");
    const resumed = service.client.stream(streamEvents, { deploymentId, follow: true, afterSequence: 2n });
    const rest = await resumed.until(isFrame("caughtUp"));
    resumed.cancel();

    expect(frames).toEqual(["opened after 0", "events 1"]);
    expect(refusal).toMatchObject(dataLoss(deploymentId, 2));
    expect(fault).toMatchObject({ severity: "ERROR", code: "SEQUENCE_MISSING", deploymentId, sequence: 2 });
    expect(rest.map(frameInWords)).toEqual(["opened after 2", "events 3", "caught_up 3 of 3"]);
  });

  test("whose row contradicts itself is data loss in the same way", async () => {
    using folder = temporaryFolder();
    const settings = { STORE: "sqlite", DATA_DIR: folder.path };
    const deploymentId = newDeploymentId();
    await using service = await startService(settings);
    await recordEvents(service.client, deploymentId, 4);
    const file = new DatabaseSync(join(folder.path, "events.db"));
    file.exec("UPDATE events SET labels = '{' WHERE sequence = 3");
    file.close();

    const { frames, refusal } = await readToEnd(service.client.stream(streamEvents, { deploymentId }));
    const rest = await service.client.stream(streamEvents, { deploymentId, afterSequence: 3n }).rest();

    expect(frames).toEqual(["opened after 0", "events 1-2"]);
    expect(refusal).toMatchObject(dataLoss(deploymentId, 3));
    expect(rest.map(frameInWords)).toEqual(["opened after 3", "events 4", "caught_up 4 of 4"]);
  });

  test("a head that is older than its events ends streams and lists behind what it counts, and is told once", async () => {
    using folder = temporaryFolder();
    await using service = await startService({ STORE: "sqlite", DATA_DIR: folder.path });
    const { client } = service;
    await recordEvents(client, "7", 3);
    const file = new DatabaseSync(join(folder.path, "events.db"));
    file.exec("CREATE TABLE lost AS SELECT * FROM heads");
    await recordEvents(client, "7", 2);
    file.exec("REPLACE INTO heads SELECT * FROM lost; DROP TABLE lost");
    file.close();

    const streamed = await readToEnd(client.stream(streamEvents, { deploymentId: "7", follow: true }));
    const behind = await readToEnd(client.stream(streamEvents, { deploymentId: "7", afterSequence: 3n }));
    const first = await client.call(listEvents, { deploymentId: "7" });
    const end = await refusalOf(client.call(listEvents, { deploymentId: "7", pageToken: first.nextPageToken }));
    const pageToken = end.metadata.next_page_token ?? "";
    const again = await refusalOf(client.call(listEvents, { deploymentId: "7", pageToken }));
    const ancestor = client.stream(ActivityEvents.method.listEvents, { id: 7 });
    const listed = [await ancestor.next(), await ancestor.next(), await ancestor.next()];
    const lost = await refusalOf(ancestor.rest());

    expect(streamed.frames).toEqual(["opened after 0", "events 1-3"]);
    expect(streamed.refusal).toMatchObject(dataLoss("7", 4));
    expect(behind).toMatchObject({ frames: ["opened after 3"], refusal: dataLoss("7", 4) });
    expect(first.events).toHaveLength(3);
    expect(end).toMatchObject(dataLoss("7", 4));
    expect(again.metadata.next_page_token).toBeUndefined();
    expect(listed).toMatchObject(Array(3).fill({ deploymentId: 7 }));
    expect(lost).toMatchObject({ code: "DATA_LOSS" });
    expect(await refusalOf(client.call(getDeployment, { deploymentId: "7" }))).toMatchObject(dataLoss("7", 4));
  });
});

test("a damaged head ends a page of ListDeployments with the token of what is behind it", async () => {
  using folder = temporaryFolder();
  await using service = await startService({ STORE: "sqlite", DATA_DIR: folder.path });
  for (const id of ["a", "b", "c"]) await recordEvents(service.client, id, 1);
  const file = new DatabaseSync(join(folder.path, "events.db"));
  file.exec("UPDATE heads SET head_sequence = 7 WHERE deployment = 2");
  file.close();

  const first = await service.client.call(listDeployments, {});
  const refusal = await refusalOf(service.client.call(listDeployments, { pageToken: first.nextPageToken }));
  const behind = await service.client.call(listDeployments, { pageToken: refusal.metadata.next_page_token ?? "" });

  expect(first.deployments.map(({ deploymentId }) => deploymentId)).toEqual(["c"]);
  expect(refusal).toMatchObject({ reason: "STORE_DAMAGED", metadata: { deployment_id: "b" } });
  expect(behind.deployments.map(({ deploymentId }) => deploymentId)).toEqual(["a"]);
});

describe("a list of which the store has lost a part", () => {
  const { SEQUENCE_ASCENDING, SEQUENCE_DESCENDING } = EventOrder;

  test.each([
    ["in the middle", SEQUENCE_ASCENDING, [3], [1, 2], 3],
    ["in the middle", SEQUENCE_DESCENDING, [3], [5, 4], 3],
    ["at the end", SEQUENCE_ASCENDING, [4, 5], [1, 2, 3], 4],
    ["at the end", SEQUENCE_DESCENDING, [4, 5], [], 5],
    ["at the start", SEQUENCE_ASCENDING, [1, 2], [], 1],
    ["at the start", SEQUENCE_DESCENDING, [1, 2], [5, 4, 3], 2],
    ["altogether", SEQUENCE_ASCENDING, [1, 2, 3, 4, 5], [], 1],
    ["altogether", SEQUENCE_DESCENDING, [1, 2, 3, 4, 5], [], 5],
  ])("%s, in order %d, gives what precedes it, and then data loss", async (_, orderBy, lost, expected, sequence) => {
    await using service = await embedService({ around: (store) => withoutSequences(store, lost) });
    const deploymentId = newDeploymentId();
    await recordEvents(service.client, deploymentId, 5);

    for (const request of [{ pageSize: 9 }, { pageSize: 1 }, { pageSize: 9, filter: { severityMin: 200 } }]) {
      const listed: number[] = [];
      let pageToken = "";
      const readAll = async () => {
        for (;;) {
          const page = await service.client.call(listEvents, { ...request, deploymentId, orderBy, pageToken });
          listed.push(...page.events.map((event) => Number(event.sequence)));
          pageToken = page.nextPageToken;
          if (pageToken === "") throw new Error("the list ended as if it were whole");
        }
      };
      const refusal = await refusalOf(readAll());

      expect(listed).toEqual(expected);
      expect(refusal).toMatchObject({
        code: "DATA_LOSS",
        reason: "STORE_DAMAGED",
        metadata: { deployment_id: deploymentId, sequence: `${sequence}` },
      });
    }
  });
});

describe("a store that fails while a stream reads", () => {
  const failing = (store: EventStore): EventStore => ({
    ...store,
    readEvents: async () => {
      throw new StoreFaultError("STORE_IO_ERROR", "the disk of the store failed");
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
