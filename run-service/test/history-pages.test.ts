import {
  type DeploymentId,
  type EventId,
  type EventPage,
  noSalt,
  type StoredEvent,
} from "@activity-events/event-store";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { describe, expect, test } from "@jest/globals";
import { HistoryPages } from "../src/application/history-pages.ts";
import { limits } from "../src/limits.ts";
import { embedService } from "./embed-service.ts";
import { frameInWords } from "./frame-in-words.ts";
import { newDeploymentId, newEvents } from "./new-event.ts";
import { type CountedStore, countUses } from "./unreliable-store.ts";

const { batchCreateEvents, streamEvents } = ActivityEventsService.method;
const d = "d" as DeploymentId;

/** A full page of events with these sequences. */
function pageOf(sequences: readonly number[], bytesEach = 1): EventPage {
  const events = sequences.map(
    (sequence): StoredEvent => ({
      eventId: `e${sequence}` as EventId,
      sequence,
      receiveTimeUs: 0,
      type: "x",
      severity: 200,
      labels: {},
      content: new Uint8Array(bytesEach),
      stamp: new Uint8Array(),
      salt: noSalt,
    }),
  );
  return { events, cursor: sequences.at(-1), looked: events.length, more: true };
}

function sequences(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, place) => first + place);
}

const at = (deploymentId: DeploymentId, cursor: number, edits = 0) => ({ deploymentId, cursor, edits });

const newPages = () => new HistoryPages((_, events) => Buffer.concat(events.map(({ content }) => content)));

describe("the pages of history", () => {
  test("are kept by deployment and cursor", () => {
    const pages = newPages();

    const kept = pages.add(at(d, 2), pageOf([3, 4]));

    expect(kept).toEqual({ cursor: 4, looked: 2, more: true, encoded: new Uint8Array(2), edits: 0 });
    expect(pages.find(at(d, 2), 9)).toBe(kept);
    expect(pages.find(at(d, 3), 9)).toBeUndefined();
    expect(pages.find(at("other" as DeploymentId, 2), 9)).toBeUndefined();
  });

  test("are for readers under the same count of edits alone, and dropped for others", () => {
    const pages = newPages();
    const kept = pages.add(at(d, 2), pageOf([3, 4]));

    expect(pages.find(at(d, 2, 1), 9)).toBeUndefined();
    expect(pages.find(at(d, 2), 9)).toBeUndefined();

    const edited = pages.add(at(d, 2, 1), pageOf([3, 4]));
    expect(pages.find(at(d, 2, 1), 9)).toBe(edited);
    expect(edited).not.toBe(kept);
  });

  test("do not take the place of those that were read after an edit", () => {
    const pages = newPages();
    const edited = pages.add(at(d, 2, 1), pageOf([3, 4]));

    expect(pages.add(at(d, 2), pageOf([3, 4]))).toBeUndefined();
    expect(pages.find(at(d, 2, 1), 9)).toBe(edited);
  });

  test("are forgotten of one deployment, with their bytes", () => {
    const pages = newPages();
    const half = limits.historyBytesMax / 2;
    pages.add(at(d, 2), pageOf([3], half));
    const other = pages.add(at("d2" as DeploymentId, 2), pageOf([3], half));

    pages.forget(d);
    const later = pages.add(at("d3" as DeploymentId, 2), pageOf([3], half));

    expect(pages.find(at(d, 2), 9)).toBeUndefined();
    expect(pages.find(at("d2" as DeploymentId, 2), 9)).toBe(other);
    expect(pages.find(at("d3" as DeploymentId, 2), 9)).toBe(later);
  });

  test("serve the last one to those alone whose head it reaches, until it has grown", () => {
    const pages = newPages();
    const add = (last: number, more: boolean) => pages.add(at(d, 2), { ...pageOf(sequences(3, last)), more });

    const short = add(102, false);

    expect(pages.find(at(d, 2), 102)).toBe(short);
    expect(pages.find(at(d, 2), 103)).toBeUndefined();

    const long = add(103, false);

    expect(add(102, false)).toBe(long);
    expect(pages.find(at(d, 2), 102)).toBe(long);
    expect(pages.find(at(d, 2), 103)).toBe(long);
    expect(pages.find(at(d, 2), 104)).toBeUndefined();

    const full = add(103, true);

    expect(add(103, false)).toBe(full);
    expect(pages.find(at(d, 2), 104)).toBe(full);
  });

  test.each<[string, EventPage]>([
    ["that is the last one and short", { ...pageOf(sequences(3, 101)), more: false }],
    ["without the first sequence", pageOf([4, 5])],
    ["with a gap", pageOf([3, 5])],
    ["without events", { ...pageOf([]), cursor: 9 }],
  ])("are not kept of a page %s", (_, page) => {
    const pages = newPages();

    expect(pages.add(at(d, 2), page)).toBeUndefined();

    expect(pages.find(at(d, 2), 3)).toBeUndefined();
  });

  test("are bounded in bytes, and those that were used longest ago go first", () => {
    const pages = newPages();
    const bytesEach = limits.historyBytesMax / 10;

    for (let cursor = 0; cursor < 9; cursor += 1) pages.add(at(d, cursor), pageOf([cursor + 1], bytesEach));
    pages.find(at(d, 0), 1);
    for (let cursor = 9; cursor < 14; cursor += 1) pages.add(at(d, cursor), pageOf([cursor + 1], bytesEach));

    const kept = Array.from({ length: 14 }, (_, cursor) => cursor).filter(
      (cursor) => pages.find(at(d, cursor), 1) !== undefined,
    );
    expect(kept).toEqual([0, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  });

  test.each([true, false])("count once, however often they are read (full: %s)", (more) => {
    const pages = newPages();
    const bytesEach = limits.historyBytesMax / 10;

    pages.add(at(d, 0), pageOf([1], bytesEach));
    for (let last = 101; last < 200; last += 1)
      pages.add(at(d, 1), { ...pageOf(sequences(2, last), bytesEach / 500), more });

    expect(pages.find(at(d, 0), 1)).toBeDefined();
  });
});

describe("streams of the same history", () => {
  test("read each long page from the store once, and are the same, whatever is appended in between", async () => {
    let counted: CountedStore | undefined;
    await using service = await embedService({
      around: (store) => {
        counted = countUses(store);
        return counted.store;
      },
    });
    const deploymentId = newDeploymentId();
    const record = (first: number, last: number) =>
      service.client.call(batchCreateEvents, {
        deploymentId,
        events: newEvents(deploymentId, last).slice(first - 1),
      });
    for (let first = 1; first <= 1_201; first += 400) await record(first, first + 399);
    const stream = async (request: { readonly filter?: { readonly typePrefix: string } } = {}) => {
      const before = counted?.counts.eventReads ?? 0;
      const frames = await service.client.stream(streamEvents, { deploymentId, ...request }).rest();
      return { words: frames.map(frameInWords), reads: (counted?.counts.eventReads ?? 0) - before };
    };

    const first = await stream();
    const second = await stream();
    await record(1_601, 1_700);
    const third = await stream();
    const filtered = await stream({ filter: { typePrefix: "deployment." } });

    const full = ["opened after 0", "events 1-500", "events 501-1000", "events 1001-1500"];
    expect(first).toEqual({ words: [...full, "events 1501-1600", "caught_up 1600 of 1600"], reads: 4 });
    expect(second).toEqual({ ...first, reads: 0 });
    expect(third).toEqual({ words: [...full, "events 1501-1700", "caught_up 1700 of 1700"], reads: 1 });
    expect(filtered).toEqual({ ...third, reads: 4 });
  });
});
