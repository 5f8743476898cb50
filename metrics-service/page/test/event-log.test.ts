import { expect, test } from "@jest/globals";
import { EventLog } from "../src/live/event-log.ts";

function events(...sequences: readonly number[]) {
  return { events: { events: sequences.map((sequence) => ({ sequence: `${sequence}` })) } };
}

test("has each event once, in order, over a reconnect", () => {
  const log = new EventLog();

  log.take(events(1, 2));
  log.take(events(3));
  expect(log.cursor).toBe("3");
  log.take(events(2, 3, 4));

  expect(log.events.map(({ sequence }) => sequence)).toEqual(["1", "2", "3", "4"]);
});

test("goes on after the number of a sequence, not after its text", () => {
  const log = new EventLog();

  log.take(events(9));
  log.take(events(10));

  expect(log.cursor).toBe("10");
});

test("tells whether a frame changed something", () => {
  const log = new EventLog();

  expect(log.take({ caughtUp: {} })).toBe(true);
  expect(log.take({ caughtUp: {} })).toBe(false);
  expect(log.take({ heartbeat: { headSequence: "1" } })).toBe(false);
  expect(log.take(events(1))).toBe(true);
  expect(log.take(events(1))).toBe(false);
});

test("says why the stream ended", () => {
  const log = new EventLog();

  log.take({ ended: { status: "DATA_LOSS", message: "event 7 is damaged" } });

  expect(log.ended?.message).toBe("event 7 is damaged");
});

test("keeps the events of a damaged deployment, and none of one that is not there any more", () => {
  const log = new EventLog();
  log.take(events(1, 2));

  log.take({ ended: { status: "DATA_LOSS", message: "event 3 is damaged" } });
  expect(log.events).toHaveLength(2);
  log.take({ ended: { status: "NOT_FOUND", message: "the deployment was deleted" } });

  expect(log.events).toEqual([]);
  expect(log.ended?.message).toBe("the deployment was deleted");
});

test("empties an event once a redaction names it, and keeps the others", () => {
  const log = new EventLog();
  const leak = {
    sequence: "1",
    eventId: "leak",
    type: "deployment.progress",
    message: "hunter2",
    service: "shop",
    salt: "c2FsdA==",
  };
  const other = { ...leak, sequence: "2", eventId: "other" };
  log.take({ events: { events: [leak, other] } });

  const notice = (data: { eventId: string; sequence: number; allFields?: boolean }) => ({
    type: "activityevents.redacted",
    data,
  });
  log.take({ events: { events: [{ sequence: "3", ...notice({ eventId: "elsewhere", sequence: 2 }) }] } });
  log.take({ events: { events: [{ sequence: "4", ...notice({ eventId: "leak", sequence: 1 }) }] } });

  const emptied = { sequence: "1", eventId: "leak", type: "deployment.progress", commitment: "" };
  expect(log.events.slice(0, 2)).toEqual([{ ...emptied, service: "shop" }, other]);
  log.take({ events: { events: [{ sequence: "5", ...notice({ eventId: "leak", sequence: 1, allFields: true }) }] } });
  expect(log.events[0]).toEqual(emptied);
});
