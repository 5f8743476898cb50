import {
  StreamCaughtUpSchema,
  StreamedEventsSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { DeploymentSchema } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { ActivityEventsError } from "../../src/activity-events-error.ts";
import { BackOff } from "../../src/calls/back-off.ts";
import type { EventFrame } from "../../src/follow/event-frames.ts";
import { followAll } from "../../src/watch/follow-all.ts";
import type { FollowAllItem } from "../../src/watch/follow-all-item.ts";
import type { WatchItem } from "../../src/watch/watch-item.ts";

const heads = (...all: readonly [string, number][]): WatchItem => ({
  kind: "deployments",
  deployments: all.map(([deploymentId, head]) =>
    create(DeploymentSchema, { deploymentId, headSequence: BigInt(head) }),
  ),
});

const events = (deploymentId: string, ...sequences: number[]): EventFrame => ({
  case: "events",
  value: create(StreamedEventsSchema, {
    events: sequences.map((sequence) => create(EventSchema, { deploymentId, sequence: BigInt(sequence) })),
  }),
});

const caughtUp = (head: number): EventFrame => ({
  case: "caughtUp",
  value: create(StreamCaughtUpSchema, { cursor: BigInt(head), headSequence: BigInt(head) }),
});

const refused = (code: "DATA_LOSS" | "NOT_FOUND" | "OUT_OF_RANGE", reason: string, metadata = {}) =>
  new ActivityEventsError({ code, message: reason, reason, metadata });

/** What each stream of a deployment sends, one stream after the other. */
type Streams = Readonly<Record<string, readonly (readonly (EventFrame | Error)[])[]>>;

async function follow(watched: readonly WatchItem[], streams: Streams, from: "heads" | "start" = "start") {
  const opened: string[] = [];
  const items: FollowAllItem[] = [];
  const followed = followAll({
    watch: (async function* () {
      yield* watched;
    })(),
    openStream: async function* (deploymentId, afterSequence) {
      const count = opened.filter((one) => one.startsWith(`${deploymentId} `)).length;
      opened.push(`${deploymentId} after ${afterSequence}`);
      for (const frame of streams[deploymentId]?.[count] ?? []) {
        if (frame instanceof Error) throw frame;
        yield frame;
      }
    },
    from,
    filtered: false,
    newBackOff: () => new BackOff({ firstMs: 0, maxMs: 0 }),
  });
  for await (const item of followed) items.push(item);
  return { opened, items: items.map(inWords) };
}

function inWords(item: FollowAllItem): string {
  if (item.kind === "event") return `${item.event.deploymentId} ${item.event.sequence}`;
  if (item.kind === "damaged") return `${item.deploymentId} damaged`;
  if (item.kind === "passedOver") return `${item.deploymentId} lacks ${item.firstSequence}-${item.lastSequence}`;
  return item.kind;
}

test("begins behind what is there, with all of what comes, and goes on where it was", async () => {
  const streams = { a: [[events("a", 3), caughtUp(3)]], b: [[events("b", 1, 2), caughtUp(2)]] };

  const { opened, items } = await follow(
    [heads(["a", 2]), { kind: "caughtUp" }, heads(["a", 3], ["b", 2]), heads(["a", 3])],
    streams,
    "heads",
  );

  expect(items).toEqual(["caughtUp", "a 3", "b 1", "b 2"]);
  expect(opened).toEqual(["a after 2", "b after 0"]);
});

test("reads a deployment that leaves to its end, and goes on behind that when it comes back", async () => {
  const streams = {
    a: [
      [events("a", 1), caughtUp(1)],
      [events("a", 2), caughtUp(2)],
      [events("a", 3), caughtUp(3)],
    ],
  };

  const { items } = await follow(
    [heads(["a", 1]), { kind: "left", deploymentIds: ["a", "never-seen"] }, heads(["a", 3])],
    streams,
  );

  expect(items).toEqual(["a 1", "a 2", "a 3"]);
});

test("goes on behind a damaged event, and with the other deployments", async () => {
  const damage = refused("DATA_LOSS", "STORE_DAMAGED", { deployment_id: "a", sequence: "2" });
  const streams = {
    a: [
      [events("a", 1), damage],
      [events("a", 3), caughtUp(3)],
    ],
    b: [[events("b", 1), caughtUp(1)]],
    c: [[refused("DATA_LOSS", "STORE_DAMAGED")]],
    gone: [[refused("NOT_FOUND", "DEPLOYMENT_NOT_FOUND")]],
  };

  const { opened, items } = await follow([heads(["a", 3], ["c", 1], ["gone", 1], ["b", 1])], streams);

  expect(items).toEqual(["a 1", "a damaged", "a 3", "c damaged", "b 1"]);
  expect(opened).toEqual(["a after 0", "a after 2", "c after 0", "gone after 0", "b after 0"]);
});

test("tells what the store lacks once two streams did not have it", async () => {
  const gap = [events("a", 1, 4), caughtUp(4)];

  const { items } = await follow([heads(["a", 4])], { a: [gap, gap] });

  expect(items).toEqual(["a 1", "a lacks 2-3", "a 4"]);
});

test("ends with the fault of a service that has fewer events than it has shown", async () => {
  const streams = { a: [[refused("OUT_OF_RANGE", "CURSOR_AHEAD")]] };

  await expect(
    follow([heads(["a", 2]), { kind: "caughtUp" }, heads(["a", 3])], streams, "heads"),
  ).rejects.toMatchObject({
    name: "CursorAheadError",
    cursor: 2n,
  });
});
