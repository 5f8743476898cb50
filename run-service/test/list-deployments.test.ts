import { randomUUID } from "node:crypto";
import {
  ActivityEventsService,
  type ListDeploymentsRequestSchema,
  type ListDeploymentsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { DeploymentState } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import type { EventInit } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { stores } from "./start-service.ts";

const { createEvent, getDeployment, listDeployments } = ActivityEventsService.method;

type ListRequest = Exclude<MessageInitShape<typeof ListDeploymentsRequestSchema>, { $typeName: string }>;

describe.each(stores)("ListDeployments on %s", (store) => {
  let service: EmbeddedService;
  let timeUs = 0;
  // Each test has an environment of its own, and so sees its own deployments only.
  let environment = "";
  beforeAll(async () => {
    service = await embedService({ store, clock: () => timeUs });
  });
  beforeEach(() => {
    environment = randomUUID();
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
  });

  const named = (id: string) => `${id}:${environment}`;
  const createAt = async (second: number, id: string, event: EventInit = {}) => {
    timeUs = second * 1_000_000;
    await service.client.call(createEvent, { event: { message: "x", environment, ...event, deploymentId: named(id) } });
  };
  const list = ({ filter, ...request }: ListRequest = {}) =>
    service.client.call(listDeployments, { ...request, filter: { environment, ...filter } as typeof filter });
  const idsOf = ({ deployments }: ListDeploymentsResponse) =>
    deployments.map(({ deploymentId }) => deploymentId.replace(`:${environment}`, ""));
  const listIds = async (request: ListRequest = {}) => idsOf(await list(request));

  test("answers nothing of an empty store", async () => {
    const { deployments, nextPageToken } = await service.client.call(listDeployments, {});

    expect(deployments).toEqual([]);
    expect(nextPageToken).toBe("");
  });

  test("answers the newest created first, and of the same time by the bytes of the id, descending", async () => {
    for (const id of ["b", "a", "B", "a1", "-", "aa", "1"]) await createAt(5, id);
    await createAt(6, "newest");
    await createAt(4, "oldest");
    await createAt(7, "b");

    const ids = await listIds();

    expect(ids).toEqual(["newest", "b", "aa", "a", "a1", "B", "1", "-", "oldest"]);
  });

  test("answers each deployment as GetDeployment does", async () => {
    await createAt(1, "a", { type: "deployment.finished", outcome: Outcome.ERROR, service: "shop" });

    const { deployments } = await list();

    const { deployment } = await service.client.call(getDeployment, { deploymentId: named("a") });
    expect(deployments).toEqual([deployment]);
  });

  test("leads through all deployments, each once, though many have the same time", async () => {
    for (let n = 0; n < 10; n += 1) await createAt(1 + Math.floor(n / 4), `d${n}`);

    const seen: string[] = [];
    for (let pageToken = "", pages = 0; pages === 0 || pageToken !== ""; pages += 1) {
      const page = await list({ pageSize: 3, pageToken });
      seen.push(...idsOf(page));
      pageToken = page.nextPageToken;
    }

    expect(seen).toEqual(["d9", "d8", "d7", "d6", "d5", "d4", "d3", "d2", "d1", "d0"]);
  });

  test("neither repeats nor hides anything when deployments are created and events appended between pages", async () => {
    for (let n = 1; n <= 4; n += 1) await createAt(n, `d${n}`);

    const first = await list({ pageSize: 2 });
    await createAt(9, "d9");
    await createAt(9, "d1");
    await createAt(9, "d3");
    const second = await list({ pageSize: 9, pageToken: first.nextPageToken });

    expect([...idsOf(first), ...idsOf(second)]).toEqual(["d4", "d3", "d2", "d1"]);
  });

  test("holds 50 deployments on a page unless it is asked for more, and never more than 1,000", async () => {
    await Promise.all(Array.from({ length: 1_001 }, (_, n) => createAt(1, `d${n}`)));

    const pages = await Promise.all([0, 1_000, 1_001].map((pageSize) => list({ pageSize })));

    expect(pages.map(({ deployments }) => deployments.length)).toEqual([50, 1_000, 1_000]);
    expect(pages.every(({ nextPageToken }) => nextPageToken !== "")).toBe(true);
  });

  test("filters by environment, service and state, alone and together", async () => {
    const [production, shop] = [`production ${environment}`, `shop ${environment}`];
    await createAt(1, "a", { type: "deployment.started", environment: production, service: shop });
    await createAt(2, "b", { type: "deployment.queued", environment: production, service: "web" });
    await createAt(3, "c", { type: "deployment.started", environment: "staging", service: shop });
    await createAt(4, "d", { type: "deployment.started" });

    const found = await Promise.all(
      [
        { environment: production },
        { environment: "", service: shop },
        { state: DeploymentState.RUNNING },
        { environment: production, service: shop },
        { environment: production, service: shop, state: DeploymentState.QUEUED },
        { environment: "production" },
      ].map((filter) => listIds({ filter })),
    );

    expect(found).toEqual([["b", "a"], ["c", "a"], ["d"], ["a"], [], []]);
  });

  test("answers all deployments without a filter", async () => {
    await createAt(9_000_000_000, "a", { environment: "one" });
    await createAt(9_000_000_001, "b", { environment: "another" });

    const page = await service.client.call(listDeployments, { pageSize: 2 });

    expect(idsOf(page)).toEqual(["b", "a"]);
  });

  test("filters by what the deployment is now", async () => {
    await createAt(1, "a", { type: "deployment.started", service: "shop" });
    await createAt(2, "a", { type: "deployment.rolledback", service: "web" });

    const found = await Promise.all(
      [
        { service: "shop" },
        { service: "web" },
        { state: DeploymentState.RUNNING },
        { state: DeploymentState.ROLLED_BACK },
      ].map((filter) => listIds({ filter })),
    );

    expect(found).toEqual([[], ["a"], [], ["a"]]);
  });

  test.each([{ environment: "x" }, { service: "shop2" }, { state: DeploymentState.QUEUED }])(
    "refuses a token when the filter has changed by %j",
    async (change) => {
      await createAt(1, "a", { service: "shop" });
      await createAt(2, "b", { service: "shop" });
      const filter = { service: "shop" };
      const { nextPageToken: pageToken } = await list({ pageSize: 1, filter });

      const refusal = await refusalOf(list({ pageToken, filter: { ...filter, ...change } }));
      const ids = await listIds({ pageToken, filter, pageSize: 7 });

      expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "PAGE_TOKEN_INVALID", fields: ["page_token"] });
      expect(ids).toEqual(["a"]);
    },
  );

  test.each(["x", "AAAA", "😀"])("refuses the token %j", async (pageToken) => {
    const refusal = await refusalOf(list({ pageToken }));

    expect(refusal.reason).toBe("PAGE_TOKEN_INVALID");
  });

  test("names every field at fault at once", async () => {
    const filter = { environment: "e".repeat(257), service: "s".repeat(257), state: 9 as DeploymentState };

    const refusal = await refusalOf(list({ pageSize: -1, filter }));

    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_INVALID" });
    expect([...refusal.fields].sort()).toEqual(["filter.environment", "filter.service", "filter.state", "page_size"]);
  });
});
