import {
  type DeploymentId,
  type EventId,
  everyEvent,
  type NewEvent,
  noSalt,
  openEventStore,
  type StoredEvent,
} from "@activity-events/event-store";
import { codec, plainFacts } from "@activity-events/event-store/contract/builders";
import { expect, test } from "@jest/globals";
import { ByteBudget } from "../src/application/byte-budget.ts";
import { CallBytes } from "../src/application/call-bytes.ts";
import { DeploymentFeed } from "../src/application/deployment-feed.ts";
import { EventStream, type StreamFault, type StreamFrame } from "../src/application/event-stream.ts";
import { HistoryPages } from "../src/application/history-pages.ts";
import { limits } from "../src/limits.ts";
import { inRanges } from "./frame-in-words.ts";
import { countUses, silenceable } from "./unreliable-store.ts";

const deploymentId = "d" as DeploymentId;
const facts: NewEvent["facts"] = plainFacts;

/** A deployment whose stream is read frame by frame, so that the test decides what happens in between. */
async function openDeployment() {
  const { store: kept, silence } = silenceable(await openEventStore({ store: "memory" }, codec));
  const { store, counts } = countUses(kept);
  let stored = 0;
  const record = async (count: number) => {
    const events = Array.from({ length: count }, (): NewEvent => {
      stored += 1;
      return {
        eventId: `${stored}` as EventId,
        facts,
        content: new Uint8Array(10),
        stamp: new Uint8Array(),
        salt: noSalt,
      };
    });
    await store.append(
      { deploymentId, events, expected: { kind: "any" }, receiveTimeUs: 1 },
      { deadlineMs: Number.POSITIVE_INFINITY },
    );
  };
  const listen = () => new DeploymentFeed({ store, deploymentId, onRecent: () => {}, onSilentListener: () => {} });
  const faults: StreamFault[] = [];
  const budget = new ByteBudget();
  const read = (feed: DeploymentFeed) => {
    const stream = new EventStream(
      { deploymentId, afterSequence: 0, follow: true, filter: everyEvent },
      {
        store,
        feeds: { acquire: () => feed, release: () => {} },
        history: new HistoryPages((_, events) => Buffer.from(sequencesInWords(events))),
        signal: new AbortController().signal,
        revoked: new AbortController().signal,
        bytes: new CallBytes(budget, { end: () => {} }),
        draining: new AbortController().signal,
        heartbeatIntervalMs: 60_000,
        endMs: performance.now() + 3_600_000,
        onFault: (fault) => faults.push(fault),
      },
    );
    const frames = stream.frames();
    return async () => inWords((await frames.next()).value as StreamFrame);
  };
  return { record, listen, read, silence, counts, faults, budget };
}

function sequencesInWords(events: readonly StoredEvent[]): string {
  return inRanges(events.map(({ sequence }) => sequence));
}

function inWords(frame: StreamFrame): string {
  if (frame.kind === "events") return sequencesInWords(frame.events);
  if (frame.kind === "page") return Buffer.from(frame.encoded).toString();
  return `${frame.kind} ${frame.cursor}`;
}

test("the next page of history is read while the wire takes this one", async () => {
  const { record, listen, read, counts } = await openDeployment();
  for (let batch = 0; batch < 3; batch += 1) await record(400);
  const next = read(listen());

  await next();
  const first = await next();

  expect(first).toBe("1-500");
  expect(counts.eventReads).toBe(2);
});

test("a stream holds the room of the page that is read ahead, and of none that it has sent", async () => {
  const { record, listen, read, budget } = await openDeployment();
  for (let batch = 0; batch < 5; batch += 1) await record(500);
  const next = read(listen());

  const held: number[] = [];
  for (let frame = ""; frame !== "caught_up 2500"; held.push(budget.held)) frame = await next();

  expect(Math.max(...held)).toBe(limits.frameWorkBytes);
  expect(held.at(-1)).toBe(0);
});

test("a page that was read ahead is not used where the stream has gone on without it", async () => {
  const { record, listen, read, faults } = await openDeployment();
  await record(500);
  const feed = listen();
  await feed.readHead(performance.now());
  // The feed has these; the history before them has to be read.
  for (let batch = 0; batch < 3; batch += 1) await record(500);
  const next = read(feed);

  const seen = [await next(), await next(), await next()];
  feed.recent.clear();
  seen.push(await next(), await next(), await next());

  expect(seen).toEqual(["opened 0", "1-500", "501-1000", "1001-1500", "1501-2000", "caught_up 2000"]);
  expect(faults).toEqual([]);
});

test("a page that was read ahead is not used when more has been recorded since", async () => {
  const { record, listen, read, silence, faults } = await openDeployment();
  const feed = listen();
  const next = read(feed);
  const seen = [await next(), await next()];

  // What the listener does not tell of, two reads of the head find; by then there is another listener.
  silence();
  for (let batch = 0; batch < 2; batch += 1) await record(500);
  await feed.readHead(performance.now());
  seen.push(await next());
  await feed.readHead(performance.now());
  await record(100);
  for (let frame = 0; frame < 4; frame += 1) seen.push(await next());

  expect(seen).toEqual([
    "opened 0",
    "caught_up 0",
    "1-500",
    "fell_behind 500",
    "501-1000",
    "1001-1100",
    "caught_up 1100",
  ]);
  expect(faults).toEqual([]);
});
