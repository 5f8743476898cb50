import { type EventStore, openEventStore } from "@activity-events/event-store";
import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import {
  ActivityEventsService,
  type StreamEventsResponse,
  StreamEventsResponseSchema,
  type WatchDeploymentsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { MessageReader } from "@activity-events/testing/message-reader";
import { toBinary } from "@bufbuild/protobuf";
import { type ServiceError, status } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import { contentCodec } from "../src/content-codec.ts";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { newDeploymentId, newEvent, newEvents } from "./new-event.ts";
import { readRefusal } from "./read-refusal.ts";

const admin = ActivityEventsAdminService.method;
const v1 = ActivityEventsService.method;
const adminToken = "the-admin-token";
const headers = { authorization: `Bearer ${adminToken}` };
const secret = "hunter2-in-the-log";

async function record({ client }: EmbeddedService, deploymentId: string, count: number): Promise<void> {
  const events = newEvents(deploymentId, count);
  for (let at = 0; at < count; at += 500) {
    await client.call(v1.batchCreateEvents, { deploymentId, events: events.slice(at, at + 500) });
  }
}

/** Records a secret as the event `leak`. */
const recordSecret = ({ client }: EmbeddedService, deploymentId: string) =>
  client.call(v1.createEvent, { event: newEvent({ deploymentId, eventId: "leak", message: secret }) });

const redact = ({ client }: EmbeddedService, deploymentId: string) =>
  client.call(admin.redactEvent, { deploymentId, eventId: "leak" }, { headers });

const gone = {
  DEPLOYMENT_NOT_FOUND: ({ client }: EmbeddedService, deploymentId: string) =>
    client.call(admin.deleteDeployment, { deploymentId }, { headers }),
  DEPLOYMENT_PURGED: ({ client }: EmbeddedService, deploymentId: string) =>
    client.call(admin.purgeDeployment, { deploymentId }, { headers }),
};
const goneRows = Object.entries(gone);

const isCaughtUp = ({ frame }: StreamEventsResponse) => frame.case === "caughtUp";

function follow({ client }: EmbeddedService, deploymentId: string): MessageReader<StreamEventsResponse> {
  return client.stream(v1.streamEvents, { deploymentId, follow: true });
}

function textOf(frames: readonly StreamEventsResponse[]): string {
  return frames.map((frame) => Buffer.from(toBinary(StreamEventsResponseSchema, frame)).toString("latin1")).join("");
}

const eventsIn = (frames: readonly StreamEventsResponse[]) =>
  frames.flatMap(({ frame }) => (frame.case === "events" ? frame.value.events : []));

/** Everything that a new reader gets. */
async function readAll(service: EmbeddedService, deploymentId: string): Promise<readonly StreamEventsResponse[]> {
  const reader = service.client.stream(v1.streamEvents, { deploymentId });
  return reader.until(isCaughtUp);
}

async function endOf(reader: MessageReader<StreamEventsResponse>): Promise<string> {
  try {
    for (;;) await reader.next();
  } catch (error) {
    const { code, reason } = readRefusal(error as ServiceError);
    return `${code} ${reason}`;
  }
}

/** Two instances on one store; the second hears nothing of the store's edits, as if its listener had broken. */
async function twoInstances({ heartbeatIntervalMs = 15_000, around = (store: EventStore) => store } = {}) {
  const store = await openEventStore({ store: "memory" }, contentCodec);
  const deaf: EventStore = {
    ...around(store),
    listen: (deploymentId, onNotice) =>
      store.listen(deploymentId, (notice) => {
        if (!notice.edited) onNotice(notice);
      }),
  };
  // In this order: of two servers in one process the later one sees the credentials of calls.
  const second = await embedService({ heartbeatIntervalMs, around: () => deaf });
  const first = await embedService({ adminToken, around: () => store });
  return {
    first,
    second,
    [Symbol.asyncDispose]: async () => {
      await second[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
    },
  };
}

describe("a redaction", () => {
  test("comes to a follower as a notice, in its order, and to a later reader as an emptied event before it", async () => {
    await using service = await embedService({ adminToken });
    const deploymentId = newDeploymentId();
    await recordSecret(service, deploymentId);
    const follower = follow(service, deploymentId);
    await follower.until(isCaughtUp);

    await redact(service, deploymentId);
    await record(service, deploymentId, 1);
    const live = await follower.until(
      ({ frame }) => frame.case === "events" && frame.value.events.at(-1)?.sequence === 3n,
    );
    follower.cancel();
    const later = await readAll(service, deploymentId);

    expect(eventsIn(live).map(({ sequence, type }) => `${sequence} ${type}`)).toEqual([
      "2 activityevents.redacted",
      "3 deployment.progress",
    ]);
    expect(eventsIn(later).map(({ sequence, message }) => [sequence, message !== ""])).toEqual([
      [1n, false],
      [2n, true],
      [3n, true],
    ]);
    expect(textOf(later)).not.toContain(secret);
  });

  test.each([
    ["the pages of history", 600, false],
    ["the newest events", 1, true],
  ])("leaves nothing in %s", async (_, count, isFollowed) => {
    await using service = await embedService({ adminToken });
    const deploymentId = newDeploymentId();
    const follower = isFollowed ? follow(service, deploymentId) : undefined;
    await follower?.until(isCaughtUp);
    await recordSecret(service, deploymentId);
    await record(service, deploymentId, count);
    const before = await readAll(service, deploymentId);

    await redact(service, deploymentId);
    const after = await readAll(service, deploymentId);
    follower?.cancel();

    expect(textOf(before)).toContain(secret);
    expect(textOf(after)).not.toContain(secret);
    expect(eventsIn(after)).toHaveLength(count + 2);
  });

  test.each([true, false])(
    "leaves nothing in an instance that was not told, once it reads the head; followed: %s",
    async (isFollowed) => {
      await using instances = await twoInstances();
      const { first, second } = instances;
      const deploymentId = newDeploymentId();
      const follower = isFollowed ? follow(second, deploymentId) : undefined;
      await follower?.until(isCaughtUp);
      await recordSecret(first, deploymentId);
      await record(first, deploymentId, 600);
      const before = await readAll(second, deploymentId);

      await redact(first, deploymentId);
      const after = await readAll(second, deploymentId);
      follower?.cancel();

      expect(textOf(before)).toContain(secret);
      expect(textOf(after)).not.toContain(secret);
    },
  );

  test("is not overtaken by a page that was read before it", async () => {
    const held = Promise.withResolvers<void>();
    const read = Promise.withResolvers<void>();
    let isHeld = true;
    await using service = await embedService({
      adminToken,
      around: (store) => ({
        ...store,
        readEvents: async (request) => {
          const page = await store.readEvents(request);
          if (!isHeld) return page;
          isHeld = false;
          read.resolve();
          await held.promise;
          return page;
        },
      }),
    });
    const deploymentId = newDeploymentId();
    await recordSecret(service, deploymentId);

    const reading = readAll(service, deploymentId);
    await read.promise;
    await redact(service, deploymentId);
    held.resolve();

    expect(textOf(await reading)).not.toContain(secret);
  });
});

describe.each(goneRows)("an edit after which reads answer %s", (reason, edit) => {
  test("ends the open streams with it, and names no damage", async () => {
    await using service = await embedService({ adminToken });
    const deploymentId = newDeploymentId();
    await record(service, deploymentId, 3);
    const follower = follow(service, deploymentId);
    await follower.until(isCaughtUp);

    await edit(service, deploymentId);

    expect(await endOf(follower)).toBe(`NOT_FOUND ${reason}`);
    expect(await endOf(follow(service, deploymentId))).toBe(`NOT_FOUND ${reason}`);
    expect(service.faults).toEqual([]);
  });

  test("ends those of an instance that was not told, at its next heartbeat", async () => {
    await using instances = await twoInstances({ heartbeatIntervalMs: 100 });
    const { first, second } = instances;
    const deploymentId = newDeploymentId();
    await record(first, deploymentId, 3);
    const follower = follow(second, deploymentId);
    await follower.until(isCaughtUp);

    await edit(first, deploymentId);

    expect(await endOf(follower)).toBe(`NOT_FOUND ${reason}`);
  });

  test("is not taken for damage by a read under way", async () => {
    const asked = Promise.withResolvers<void>();
    const edited = Promise.withResolvers<void>();
    const around = (store: EventStore): EventStore => ({
      ...store,
      readEvents: async (request) => {
        asked.resolve();
        await edited.promise;
        return store.readEvents(request);
      },
    });
    await using instances = await twoInstances({ around });
    const { first, second } = instances;
    const deploymentId = newDeploymentId();
    await record(first, deploymentId, 3);
    const reader = follow(second, deploymentId);
    const end = endOf(reader);
    await asked.promise;

    await edit(first, deploymentId);
    edited.resolve();

    expect(await end).toBe(`NOT_FOUND ${reason}`);
    expect(second.faults).toEqual([]);
  });

  test("is told to watchers as left, and leaves the ancestor's lists", async () => {
    await using service = await embedService({ adminToken });
    const { client } = service;
    await record(service, "7", 2);
    await record(service, "8", 1);
    const watcher = client.stream(v1.watchDeployments, {});
    await watcher.until(({ frame }) => frame.case === "caughtUp");

    await edit(service, "7");
    const [left] = (await watcher.until(({ frame }) => frame.case === "left")).slice(-1) as WatchDeploymentsResponse[];
    watcher.cancel();
    const list = async (id: number) =>
      (await client.stream(ActivityEvents.method.listEvents, { id }).rest()).map((event) => event.deploymentId);

    expect(left?.frame.value).toMatchObject({ deploymentIds: ["7"] });
    expect([await list(7), await list(0)]).toEqual([[], [8]]);
  });

  test("is acknowledged to streams of events as a failed precondition, and they go on", async () => {
    await using service = await embedService({ adminToken });
    const deploymentId = newDeploymentId();
    await record(service, deploymentId, 1);
    await edit(service, deploymentId);

    const stream = service.client.bidi(v1.ingestEvents);
    stream.send({ events: [newEvent({ deploymentId }), newEvent()] });
    let codes: readonly number[] = [];
    while (codes.length < 2) {
      const { frame } = await stream.next();
      if (frame.case === "acknowledgements") {
        codes = [...codes, ...frame.value.acknowledgements.map((one) => one.status?.code ?? 0)];
      }
    }
    stream.cancel();

    expect(codes).toEqual([status.FAILED_PRECONDITION, 0]);
  });
});

test("an undeleted deployment comes back to watchers and followers", async () => {
  await using service = await embedService({ adminToken });
  const { client } = service;
  const deploymentId = newDeploymentId();
  await record(service, deploymentId, 2);
  await client.call(admin.deleteDeployment, { deploymentId }, { headers });
  const watcher = client.stream(v1.watchDeployments, {});
  await watcher.until(({ frame }) => frame.case === "caughtUp");

  await client.call(admin.undeleteDeployment, { deploymentId }, { headers });
  const [shown] = (await watcher.until(({ frame }) => frame.case === "deployments")).slice(-1);
  watcher.cancel();

  expect(shown?.frame.value).toMatchObject({ deployments: [{ deploymentId, headSequence: 2n, standing: 0 }] });
  expect(eventsIn(await readAll(service, deploymentId))).toHaveLength(2);
});
