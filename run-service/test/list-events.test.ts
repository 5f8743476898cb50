import {
  ActivityEventsService,
  EventOrder,
  type ListEventsRequestSchema,
  ListEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { ServiceClient } from "@activity-events/testing/service-client";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import { newDeploymentId, newEvent, newEvents } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { serviceOfSuite, startService, stores } from "./start-service.ts";

const { batchCreateEvents, createEvent, listDeployments, listEvents } = ActivityEventsService.method;
const { SEQUENCE_ASCENDING, SEQUENCE_DESCENDING } = EventOrder;

type ListRequest = Exclude<MessageInitShape<typeof ListEventsRequestSchema>, { $typeName: string }>;

describe.each(stores)("ListEvents on %s", (store) => {
  const service = serviceOfSuite({ STORE: store });
  const list = (request: ListRequest) => service.client.call(listEvents, request);

  /** A deployment with so many events, recorded in batches. */
  const deploymentOf = async (count: number, fields: Parameters<typeof newEvents>[2] = {}) => {
    const deploymentId = newDeploymentId();
    const events = newEvents(deploymentId, count, fields);
    for (let from = 0; from < count; from += 300) {
      await service.client.call(batchCreateEvents, { deploymentId, events: events.slice(from, from + 300) });
    }
    return deploymentId;
  };

  test("answers the events in sequence order, or backwards", async () => {
    const deploymentId = await deploymentOf(3);

    const unspecified = await list({ deploymentId });
    const ascending = await list({ deploymentId, orderBy: SEQUENCE_ASCENDING });
    const descending = await list({ deploymentId, orderBy: SEQUENCE_DESCENDING });

    expect(idsOf(unspecified)).toEqual(["1", "2", "3"]);
    expect(idsOf(ascending)).toEqual(["1", "2", "3"]);
    expect(idsOf(descending)).toEqual(["3", "2", "1"]);
    expect(unspecified.events.map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n]);
    expect(unspecified.nextPageToken).toBe("");
  });

  test("answers events with all their fields", async () => {
    const event = newEvent({ labels: { a: "1" }, data: { b: 2 }, sendTime: { seconds: 1n, nanos: 1 } });
    const { event: stored } = await service.client.call(createEvent, { event });

    const { events } = await list({ deploymentId: event.deploymentId });

    expect(events).toEqual([stored]);
  });

  test("holds 50 events on a page unless it is asked for more, and never more than 1,000", async () => {
    const deploymentId = await deploymentOf(1_001);

    const pages = await Promise.all(
      [0, 1, 1_000, 1_001, 2 ** 31 - 1].map((pageSize) => list({ deploymentId, pageSize })),
    );

    expect(pages.map(({ events }) => events.length)).toEqual([50, 1, 1_000, 1_000, 1_000]);
    expect(pages.every(({ nextPageToken }) => nextPageToken !== "")).toBe(true);
  });

  test("refuses a negative page_size", async () => {
    const refusal = await refusalOf(list({ deploymentId: newDeploymentId(), pageSize: -1 }));

    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_INVALID", fields: ["page_size"] });
  });

  test.each([
    [SEQUENCE_ASCENDING, Array.from({ length: 23 }, (_, index) => `${index + 1}`)],
    [SEQUENCE_DESCENDING, Array.from({ length: 23 }, (_, index) => `${23 - index}`)],
  ])("leads through all events, each once, in order %i, however the page size changes", async (orderBy, expected) => {
    const deploymentId = await deploymentOf(23);

    const seen: string[] = [];
    let pageToken = "";
    let pageSize = 1;
    do {
      const page = await list({ deploymentId, orderBy, pageSize, pageToken });
      seen.push(...idsOf(page));
      pageToken = page.nextPageToken;
      pageSize += 1;
    } while (pageToken !== "");

    expect(seen).toEqual(expected);
  });

  test("neither repeats nor hides anything when events are appended between pages", async () => {
    const deploymentId = await deploymentOf(4);

    const ascending = await list({ deploymentId, pageSize: 2 });
    const descending = await list({ deploymentId, pageSize: 2, orderBy: SEQUENCE_DESCENDING });
    await service.client.call(createEvent, { event: newEvent({ deploymentId, eventId: "5" }) });
    const onwards = await list({ deploymentId, pageSize: 9, pageToken: ascending.nextPageToken });
    const backwards = await list({
      deploymentId,
      pageSize: 9,
      orderBy: SEQUENCE_DESCENDING,
      pageToken: descending.nextPageToken,
    });

    expect([...idsOf(ascending), ...idsOf(onwards)]).toEqual(["1", "2", "3", "4", "5"]);
    expect([...idsOf(descending), ...idsOf(backwards)]).toEqual(["4", "3", "2", "1"]);
  });

  test("makes a page short rather than larger than 3 MiB, and goes on behind it", async () => {
    const deploymentId = await deploymentOf(500, { message: "m".repeat(8 * 1024) });

    const seen: string[] = [];
    const pageBytes: number[] = [];
    for (let pageToken = "", pages = 0; pages === 0 || pageToken !== ""; pages += 1) {
      const page = await list({ deploymentId, pageSize: 1_000, pageToken });
      seen.push(...idsOf(page));
      pageBytes.push(toBinary(ListEventsResponseSchema, page).length);
      pageToken = page.nextPageToken;
    }

    expect(Math.max(...pageBytes)).toBeLessThanOrEqual(3 * 1024 * 1024);
    expect(Math.max(...pageBytes)).toBeGreaterThan(2.9 * 1024 * 1024);
    expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => `${index + 1}`));
  });

  test.each([
    ["another order", { orderBy: SEQUENCE_DESCENDING }],
    ["a filter", { filter: { typePrefix: "deployment." } }],
    ["another deployment", { deploymentId: newDeploymentId() }],
  ])("refuses a token with %s than it was made for", async (_, change: ListRequest) => {
    const deploymentId = await deploymentOf(2);
    const { nextPageToken: pageToken } = await list({ deploymentId, pageSize: 1 });

    const refusal = await refusalOf(list({ deploymentId, pageToken, ...change }));

    expect(refusal).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "PAGE_TOKEN_INVALID",
      domain: "activityevents",
      metadata: { field: "page_token" },
      fields: ["page_token"],
    });
  });

  test.each([
    ["type_prefix", { typePrefix: "deployment" }],
    ["severity_min", { severityMin: Severity.DEBUG }],
    ["receive_time_from", { receiveTimeFrom: { seconds: 2n, nanos: 0 } }],
    ["receive_time_before", { receiveTimeBefore: { seconds: 99_999_999_999n, nanos: 0 } }],
    ["labels", { labels: { a: "1", b: "3" } }],
  ])("refuses a token when %s of the filter has changed", async (_, change: NonNullable<ListRequest["filter"]>) => {
    const deploymentId = await deploymentOf(2, { labels: { a: "1", b: "2" } });
    const filter = { receiveTimeFrom: { seconds: 1n, nanos: 0 }, labels: { a: "1", b: "2" } };
    const { nextPageToken: pageToken } = await list({ deploymentId, pageSize: 1, filter });

    const refusal = await refusalOf(
      list({ deploymentId, pageToken, filter: { ...filter, ...change } as typeof filter }),
    );
    const { events } = await list({ deploymentId, pageToken, filter: { ...filter, labels: { b: "2", a: "1" } } });

    expect(refusal.reason).toBe("PAGE_TOKEN_INVALID");
    expect(events).toHaveLength(1);
  });

  test.each(["x", "not a token", "AAAA", "==", "😀", "a".repeat(10_000)])(
    "refuses the token %.20j",
    async (pageToken) => {
      const deploymentId = await deploymentOf(2);

      const refusal = await refusalOf(list({ deploymentId, pageToken }));

      expect(refusal.reason).toBe("PAGE_TOKEN_INVALID");
    },
  );

  test("refuses a token that somebody has changed, and one of another list", async () => {
    const deploymentId = await deploymentOf(12);
    await deploymentOf(1);
    const { nextPageToken } = await list({ deploymentId, pageSize: 1 });
    const deployments = await service.client.call(listDeployments, { pageSize: 1 });
    const forged = Buffer.from(`${Buffer.from(nextPageToken, "base64url")}0`).toString("base64url");

    const refusals = await Promise.all(
      [forged, `${nextPageToken}=`, deployments.nextPageToken].map((pageToken) =>
        refusalOf(list({ deploymentId, pageToken })),
      ),
    );

    expect(deployments.nextPageToken).not.toBe("");
    expect(refusals.map(({ reason }) => reason)).toEqual(Array(3).fill("PAGE_TOKEN_INVALID"));
  });

  test("says that a deployment does not exist", async () => {
    const deploymentId = newDeploymentId();

    const refusal = await refusalOf(list({ deploymentId }));

    expect(refusal).toMatchObject({
      code: "NOT_FOUND",
      reason: "DEPLOYMENT_NOT_FOUND",
      metadata: { deployment_id: deploymentId },
    });
  });

  test("names every field at fault at once", async () => {
    const refusal = await refusalOf(
      list({
        deploymentId: "a b",
        pageSize: -7,
        orderBy: 9 as EventOrder,
        filter: {
          typePrefix: "t".repeat(257),
          severityMin: 250 as Severity,
          receiveTimeFrom: { seconds: 0n, nanos: -1 },
          receiveTimeBefore: { seconds: 253_402_300_800n, nanos: 0 },
          labels: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`${index}`, ""])),
        },
      }),
    );

    expect(refusal.reason).toBe("REQUEST_INVALID");
    expect([...refusal.fields].sort()).toEqual([
      "deployment_id",
      "filter.labels",
      "filter.receive_time_before",
      "filter.receive_time_from",
      "filter.severity_min",
      "filter.type_prefix",
      "order_by",
      "page_size",
    ]);
  });
});

test("a page token outlives the service that made it", async () => {
  using folder = temporaryFolder();
  const settings = { STORE: "sqlite", DATA_DIR: folder.path };
  const deploymentId = newDeploymentId();
  const firstPage = async (client: ServiceClient) => {
    await client.call(batchCreateEvents, { deploymentId, events: newEvents(deploymentId, 3) });
    return client.call(listEvents, { deploymentId, pageSize: 1 });
  };

  let pageToken: string;
  {
    await using before = await startService(settings);
    pageToken = (await firstPage(before.client)).nextPageToken;
  }
  await using after = await startService(settings);
  const page = await after.client.call(listEvents, { deploymentId, pageToken });

  expect(idsOf(page)).toEqual(["2", "3"]);
});

function idsOf({ events }: { readonly events: readonly { readonly eventId: string }[] }): string[] {
  return events.map(({ eventId }) => eventId);
}
