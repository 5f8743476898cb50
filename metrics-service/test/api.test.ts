import { ActivityEventsClient } from "@activity-events/client";
import type {
  ListDeploymentsResponseJson,
  ListEventsResponseJson,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openPage, type TestPage } from "./page-server.ts";

let service: ServiceProcess;
let page: TestPage;

beforeAll(async () => {
  service = new ServiceProcess();
  const address = String((await service.line(({ message }) => message === "listening")).address);
  page = await openPage({ service: address });
  const client = new ActivityEventsClient({ address, tls: false });
  for (const eventId of ["e1", "e2", "e3"]) {
    const event = { deploymentId: "steps:~1", eventId, type: "deployment.started", labels: { team: "a" } };
    await client.createEvent({ event: { ...event, data: { nodes: 3 } } });
  }
  for (const [deploymentId, environment] of [
    ["a", "prod"],
    ["b", "dev"],
    ["c", "prod"],
  ] as const) {
    await client.createEvent({ event: { deploymentId, environment, type: "deployment.started" } });
  }
  client.close();
});

afterAll(async () => {
  await page[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

async function list(query: string) {
  const answer = await fetch(`${page.url}/api/deployments${query}`);
  return { status: answer.status, body: (await answer.json()) as ListDeploymentsResponseJson };
}

test("/api/deployments lists the newest first, page by page", async () => {
  const first = await list("?page_size=2");
  const second = await list(`?page_size=2&page_token=${encodeURIComponent(first.body.nextPageToken ?? "")}`);

  const ids = [first, second].map(({ body }) => body.deployments?.map(({ deploymentId }) => deploymentId));
  expect(ids).toEqual([
    ["c", "b"],
    ["a", "steps:~1"],
  ]);
  expect(second.body.nextPageToken).toBeUndefined();
});

test("/api/deployments filters", async () => {
  const { body } = await list("?environment=prod&state=RUNNING");

  expect(body.deployments).toMatchObject([
    { deploymentId: "c", state: "DEPLOYMENT_STATE_RUNNING" },
    { deploymentId: "a" },
  ]);
});

test.each([
  ["?state=RUNING", "state must be QUEUED, RUNNING, FINISHED or ROLLED_BACK"],
  ["?state=UNSPECIFIED", "state must be"],
  ["?state=toString", "state must be"],
  ["?page_size=0", "page_size must be an integer from 1 to 1000"],
  ["?page_size=many", "page_size must be"],
  ["?page_token=rubbish", "page_token"],
  ["?enviroment=prod", 'there is no parameter "enviroment"'],
])("/api/deployments%s is refused", async (query, message) => {
  expect(await list(query)).toEqual({
    status: 400,
    body: { error: { status: "INVALID_ARGUMENT", message: expect.stringContaining(message) } },
  });
});

async function events(path: string) {
  const answer = await fetch(`${page.url}/api/deployments/${path}`);
  return { status: answer.status, body: (await answer.json()) as ListEventsResponseJson };
}

test("/api/deployments/{id}/events lists the oldest first, page by page", async () => {
  const first = await events("steps%3A~1/events?page_size=2");
  const second = await events(
    `steps%3A~1/events?page_size=2&page_token=${encodeURIComponent(first.body.nextPageToken ?? "")}`,
  );
  const newest = await events("steps:~1/events?order=newest&page_size=1");

  const ids = [first, second, newest].map(({ body }) => body.events?.map(({ eventId }) => eventId));
  expect(ids).toEqual([["e1", "e2"], ["e3"], ["e3"]]);
  expect(second.body.nextPageToken).toBeUndefined();
  expect(first.body.events?.[0]).toMatchObject({
    name: "deployments/steps:~1/events/e1",
    sequence: "1",
    type: "deployment.started",
    severity: "SEVERITY_INFO",
    labels: { team: "a" },
    data: { nodes: 3 },
  });
});

test.each([
  ["steps:~1/events?order=asc", 400, 'order must be oldest or newest; found "asc"'],
  ["steps:~1/events?order=constructor", 400, "order must be"],
  ["steps:~1/events?page_size=0", 400, "page_size must be an integer from 1 to 1000"],
  ["steps:~1/events?page_token=rubbish", 400, "page_token"],
  ["steps:~1/events?filter=x", 400, 'there is no parameter "filter"'],
  ["a%2Fb/events", 400, "deployment_id"],
  ["unknown/events", 404, "unknown"],
])("/api/deployments/%s is refused", async (path, status, message) => {
  expect(await events(path)).toMatchObject({
    status,
    body: { error: { message: expect.stringContaining(message) } },
  });
});

test("what is not there is said so", async () => {
  const answer = await fetch(`${page.url}/nowhere`);

  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({ error: { status: "NOT_FOUND", message: "there is no /nowhere" } });
});

test("without the service the API says so, and the page is served all the same", async () => {
  await using away = await openPage({ service: "127.0.0.1:1" });

  const [listed, shown, healthy] = await Promise.all(
    ["/api/deployments", "/", "/healthz"].map((path) => fetch(`${away.url}${path}`)),
  );

  expect([listed?.status, shown?.status, healthy?.status]).toEqual([503, 200, 200]);
  expect(await listed?.json()).toMatchObject({ error: { status: "UNAVAILABLE" } });
});

test.each(["/", "/deployments", "/deployments/a%2Fb", "/delivery"])("%s is the page", async (path) => {
  const answer = await fetch(`${page.url}${path}?environment=prod`);

  expect(await answer.text()).toBe("<title>page</title>");
  expect(answer.headers.get("cache-control")).toBe("no-cache");
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
});

test("a file whose name has its hash is kept for ever", async () => {
  const answer = await fetch(`${page.url}/assets/app-1.js`);

  expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
});

test("a name that somebody pointed to this machine is not answered", async () => {
  const { get } = await import("node:http");
  const status = await new Promise((resolve) => {
    get(`${page.url}/api/deployments`, { headers: { host: `evil.example:${page.port}` } }, ({ statusCode }) =>
      resolve(statusCode),
    );
  });

  expect(status).toBe(403);
});
