import {
  ActivityEventsService,
  EventOrder,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { type EventFilterSchema, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { sequencesIn } from "./frame-in-words.ts";
import { type EventInit, newDeploymentId, newEvents } from "./new-event.ts";
import { stores } from "./start-service.ts";

const { batchCreateEvents, createEvent, listEvents, streamEvents } = ActivityEventsService.method;

type FilterInit = Exclude<MessageInitShape<typeof EventFilterSchema>, { $typeName: string }>;

// Received at 1000 s + 1 µs, + 2 µs and so on.
const events: readonly EventInit[] = [
  { type: "deployment.queued", severity: Severity.DEBUG },
  { type: "deployment.started", severity: Severity.INFO, labels: { team: "web" } },
  { type: "deployment", severity: Severity.NOTICE, labels: { team: "web", zone: "a" } },
  { type: "approval.granted", severity: Severity.WARNING, labels: { team: "shop" } },
  { type: "incident.opened", severity: Severity.EMERGENCY, labels: { zone: "a" } },
];
const receivedAt = (microseconds: number, nanoseconds = 0) => ({
  seconds: 1_000n,
  nanos: microseconds * 1_000 + nanoseconds,
});

describe.each(stores)("EventFilter on %s", (store) => {
  const deploymentId = newDeploymentId();
  let service: EmbeddedService;
  beforeAll(async () => {
    let timeUs = 1_000_000_000;
    service = await embedService({ store, clock: () => ++timeUs });
    for (const event of events) {
      await service.client.call(createEvent, { event: { ...event, deploymentId } });
    }
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
  });

  const conditions: readonly [FilterInit, number[]][] = [
    [{}, [1, 2, 3, 4, 5]],
    [{ typePrefix: "deployment." }, [1, 2]],
    [{ typePrefix: "deployment" }, [1, 2, 3]],
    [{ typePrefix: "deployment.started" }, [2]],
    [{ typePrefix: "Deployment" }, []],
    [{ typePrefix: "%" }, []],
    [{ severityMin: Severity.INFO }, [2, 3, 4, 5]],
    [{ severityMin: Severity.WARNING }, [4, 5]],
    [{ severityMin: Severity.EMERGENCY }, [5]],
    [{ receiveTimeFrom: receivedAt(3) }, [3, 4, 5]],
    [{ receiveTimeFrom: receivedAt(3, 1) }, [4, 5]],
    [{ receiveTimeBefore: receivedAt(3) }, [1, 2]],
    [{ receiveTimeBefore: receivedAt(3, 1) }, [1, 2, 3]],
    [{ receiveTimeFrom: receivedAt(2), receiveTimeBefore: receivedAt(4) }, [2, 3]],
    [{ receiveTimeFrom: receivedAt(4), receiveTimeBefore: receivedAt(2) }, []],
    [{ receiveTimeBefore: { seconds: -62_135_596_800n, nanos: 0 } }, []],
    [{ receiveTimeFrom: { seconds: 253_402_300_799n, nanos: 999_999_999 } }, []],
    [{ labels: { team: "web" } }, [2, 3]],
    [{ labels: { team: "web", zone: "a" } }, [3]],
    [{ labels: { team: "" } }, []],
    [{ labels: { constructor: "x" } }, []],
    [{ typePrefix: "deployment", severityMin: Severity.INFO, labels: { team: "web" } }, [2, 3]],
    [{ typePrefix: "deployment", severityMin: Severity.NOTICE, labels: { team: "web" } }, [3]],
    [{ severityMin: Severity.NOTICE, receiveTimeFrom: receivedAt(4), receiveTimeBefore: receivedAt(5) }, [4]],
  ];
  test.each(conditions)("%j lets %j through, in lists and in streams", async (filter, expected) => {
    const ascending = await service.client.call(listEvents, { deploymentId, filter });
    const descending = await service.client.call(listEvents, {
      deploymentId,
      filter,
      orderBy: EventOrder.SEQUENCE_DESCENDING,
    });
    const frames = await service.client.stream(streamEvents, { deploymentId, filter }).rest();

    expect(ascending.events.map(({ sequence }) => Number(sequence))).toEqual(expected);
    expect(ascending.nextPageToken).toBe("");
    expect(descending.events.map(({ sequence }) => Number(sequence))).toEqual(expected.toReversed());
    expect(sequencesIn(frames)).toEqual(expected);
  });

  test("leads through what matches, page by page", async () => {
    const filter = { severityMin: Severity.INFO };

    const first = await service.client.call(listEvents, { deploymentId, filter, pageSize: 3 });
    const second = await service.client.call(listEvents, {
      deploymentId,
      filter,
      pageSize: 3,
      pageToken: first.nextPageToken,
    });

    expect([first, second].map((page) => page.events.map(({ sequence }) => sequence))).toEqual([[2n, 3n, 4n], [5n]]);
    expect(second.nextPageToken).toBe("");
  });

  test.each([
    [EventOrder.SEQUENCE_ASCENDING, 5_001, "first"],
    [EventOrder.SEQUENCE_DESCENDING, 1, "last"],
  ])(
    "looks at 5,000 events for a page: a rarer match comes after an empty page with a token, in order %i",
    async (orderBy, rare) => {
      const deploymentId = newDeploymentId();
      const events = newEvents(deploymentId, 5_001).map((event, index) =>
        index + 1 === rare ? { ...event, labels: { rare: "yes" } } : event,
      );
      for (let from = 0; from < events.length; from += 500) {
        await service.client.call(batchCreateEvents, { deploymentId, events: events.slice(from, from + 500) });
      }
      const request = { deploymentId, orderBy, filter: { labels: { rare: "yes" } } };

      const empty = await service.client.call(listEvents, request);
      const found = await service.client.call(listEvents, { ...request, pageToken: empty.nextPageToken });

      expect(empty.events).toEqual([]);
      expect(empty.nextPageToken).not.toBe("");
      expect(found.events.map(({ sequence }) => sequence)).toEqual([BigInt(rare)]);
      expect(found.nextPageToken).toBe("");
    },
  );
});
