import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import { Retention } from "../src/application/retention.ts";
import { ExpiryTimer } from "../src/expiry-timer.ts";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";

const v1 = ActivityEventsService.method;
const dayUs = 24 * 60 * 60 * 1_000_000;
const headers = { authorization: "Bearer admin" };
const retention = new Retention(new Map([["dev", 7]]));

/** A service with so many deployments whose time is over, and so many others. */
async function serviceWith(over: number, others: number): Promise<EmbeddedService> {
  let nowUs = 1_000 * dayUs;
  const service = await embedService({ adminToken: "admin", retention, clock: () => nowUs });
  const record = async (name: string, environment: string) => {
    await service.client.call(v1.createEvent, { event: newEvent({ deploymentId: name, environment }) });
  };
  for (let index = 0; index < over; index += 1) await record(`over-${index}`, "dev");
  for (let index = 0; index < others; index += 1) await record(`kept-${index}`, "prod");
  nowUs += 8 * dayUs;
  return service;
}

const expire = (service: EmbeddedService, request: { dryRun?: boolean; anyShare?: boolean }, as = headers) =>
  service.client.stream(ActivityEventsAdminService.method.expireDeployments, request, { headers: as });

test("an expiry names what it purges, and ends with the summary and a line of evidence", async () => {
  await using service = await serviceWith(1, 10);

  const messages = await expire(service, {}).rest();

  expect(messages.map(({ message }) => message)).toMatchObject([
    { case: "deployment", value: { deployment: { deploymentId: "over-0", headSequence: 1n }, eventsPurged: 2n } },
    { case: "summary", value: { deployments: 11n, deploymentsOver: 1n, deploymentsPurged: 1n, eventsPurged: 2n } },
  ]);
  const read = service.client.call(v1.getDeployment, { deploymentId: "over-0" });
  expect(await refusalOf(read)).toMatchObject({ reason: "DEPLOYMENT_PURGED", code: "NOT_FOUND" });
  expect(service.log.filter(({ code }) => code === "ADMIN_CALL")).toMatchObject([
    { method: "activityevents.v1.ActivityEventsAdminService/ExpireDeployments", dry_run: false, outcome: "done" },
  ]);
});

test("a dry run, and a refused share, purge nothing", async () => {
  await using service = await serviceWith(2, 8);

  const seen = await expire(service, { dryRun: true }).rest();
  expect(seen.map(({ message }) => message.case)).toEqual(["deployment", "deployment", "summary"]);

  expect(await refusalOf(expire(service, {}).rest())).toMatchObject({
    code: "FAILED_PRECONDITION",
    reason: "RETENTION_SHARE",
    metadata: { deployments: "10", deployments_over: "2", deployments_max: "1" },
  });
  const { deployments } = await service.client.call(v1.listDeployments, { pageSize: 100 });
  expect(deployments).toHaveLength(10);

  expect(await expire(service, { anyShare: true }).rest()).toHaveLength(3);
});

test("nobody expires anything without the role admin", async () => {
  await using service = await serviceWith(1, 10);

  const asAnybody = expire(service, {}, { authorization: "Bearer wrong" }).rest();

  expect((await refusalOf(asAnybody)).code).toMatch(/UNAUTHENTICATED|PERMISSION_DENIED/);
  expect((await service.client.call(v1.listDeployments, { pageSize: 100 })).deployments).toHaveLength(11);
});

test("the embedded service purges by itself, again and again, and says what a share keeps it from", async () => {
  await using service = await serviceWith(1, 10);
  const log: object[] = [];
  const logger = { info: (line: object) => log.push(line), error: (line: object) => log.push(line) } as never;
  const { expiry } = service;

  {
    using _timer = new ExpiryTimer({ expiry, retention: () => retention, logger, firstMs: 1, intervalMs: 1 });
    await until(() => log.length > 1, "it purges twice");
  }
  expect(log[0]).toEqual({ code: "EXPIRED", deployments: 11, over: 1, purged: 1, events: 2 });
  expect(log[1]).toEqual({ code: "EXPIRED", deployments: 10, over: 0, purged: 0, events: 0 });

  await using other = await serviceWith(5, 5);
  log.length = 0;
  using _timer = new ExpiryTimer({
    expiry: other.expiry,
    retention: () => retention,
    logger,
    firstMs: 1,
    intervalMs: 60_000,
  });
  await until(() => log.length > 0, "it refuses");
  expect(log[0]).toMatchObject({ code: "RETENTION_SHARE", deployments_over: "5", deployments_max: "1" });
});
