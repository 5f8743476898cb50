import { ActivityEventsClient } from "@activity-events/client";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { until } from "@activity-events/testing/until";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { MetricsReport } from "../src/delivery/metrics-report.ts";
import { openPage, type TestPage } from "./page-server.ts";

let service: ServiceProcess;
let client: ActivityEventsClient;
let page: TestPage;

beforeAll(async () => {
  service = new ServiceProcess();
  const address = String((await service.line(({ message }) => message === "listening")).address);
  client = new ActivityEventsClient({ address, tls: false });
  page = await openPage({ service: address });
  const finish = (deploymentId: string, outcome: number, environment = "prod") =>
    client.createEvent({
      event: { deploymentId, type: "deployment.finished", outcome, service: "api", environment },
    });
  await finish("good", 1);
  await finish("bad", 2);
  await finish("other", 1, "staging");
  await client.createEvent({
    event: { deploymentId: "running", type: "deployment.started", service: "api", environment: "prod" },
  });
});

afterAll(async () => {
  client.close();
  await page[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

async function report(query = ""): Promise<MetricsReport> {
  const answer = await fetch(`${page.url}/api/metrics${query}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as MetricsReport;
}

test("/api/metrics measures all, or what is chosen", async () => {
  const [all, prod] = await Promise.all([report(), report("?environment=prod&days=7")]);

  expect(all.deploymentFrequency.succeeded).toBe(2);
  expect(all.changeFailRate).toMatchObject({ failed: 1, succeededOrFailed: 3 });
  expect(all.choices).toMatchObject({ services: ["api"], environments: ["prod", "staging"] });
  expect(prod.deploymentFrequency.succeeded).toBe(1);
  expect(prod.window.days).toBe(7);
});

test("a report has what was recorded since the last", async () => {
  const before = await report("?service=late");
  await client.createEvent({
    event: { deploymentId: "late", type: "deployment.finished", outcome: 1, service: "late" },
  });

  expect(before.deploymentFrequency.succeeded).toBe(0);
  await until(async () => (await report("?service=late")).deploymentFrequency.succeeded === 1, "it is counted");
});

test.each([
  ["?days=0", "days must be an integer from 1 to 366"],
  ["?days=1e1", "days must be an integer"],
  ["?window=30", 'there is no parameter "window"'],
])("/api/metrics%s is refused", async (query, message) => {
  const answer = await fetch(`${page.url}/api/metrics${query}`);

  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({
    error: { status: "INVALID_ARGUMENT", message: expect.stringContaining(message) },
  });
});

test("/metrics is for Prometheus", async () => {
  const answer = await fetch(`${page.url}/metrics`);
  const text = await answer.text();

  expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(text).toContain('activity_deployments_in_flight{service="api",environment="prod"} 1');
  expect(text).toContain('activity_deployments{environment="staging"} 1');
  expect(text).toMatch(/^activity_oldest_deployment_age_seconds\{environment="prod"\} \d+([.]\d+)?$/m);
  expect(text).toMatch(/^activity_page_deployments \d+$/m);
  expect(text).toMatch(/^activity_page_service_reached 1$/m);
});

test("without the service /metrics says so in a gauge", async () => {
  await using away = await openPage({ service: "127.0.0.1:1" });

  const answer = await fetch(`${away.url}/metrics`);

  expect(answer.status).toBe(200);
  expect(await answer.text()).toMatch(/^activity_page_service_reached 0$/m);
});

test("without the service the metrics say why there are none", async () => {
  await using away = await openPage({ service: "127.0.0.1:1" });

  const answer = await fetch(`${away.url}/api/metrics`);

  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({
    error: { status: "UNAVAILABLE", message: expect.stringMatching(/^the metrics need all deployments: ./) },
  });
});
