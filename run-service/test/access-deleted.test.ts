import { createHash } from "node:crypto";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { DeploymentStanding } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type GuardedService, startGuarded } from "./guarded-service.ts";
import { refusalOf } from "./read-refusal.ts";

const { redactEvent, deleteDeployment, purgeDeployment } = ActivityEventsAdminService.method;
const { createEvent, getDeployment, getEvent, listDeployments, listEvents } = ActivityEventsService.method;
const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const names = ["root", "shop", "editor"] as const;

/** Headers of the caller with this token. */
const as = (name: (typeof names)[number]) => ({ headers: { authorization: `Bearer token-${name}` } });

let service: GuardedService;
beforeAll(async () => {
  service = await startGuarded(`
tokens:
${names.map((name) => `  - {name: ${name}, sha256: ${hash(`token-${name}`)}}`).join("\n")}
bindings:
  - {role: admin, members: [token:root]}
  - {role: admin, members: [token:shop], prefixes: [shop-]}
  - {role: editor, members: [token:editor]}
  - {role: reader, members: [token:shop]}
`);
  const { client } = service;
  for (const deploymentId of ["shop-1", "cart-1", "shop-2", "cart-2", "shop-3"]) {
    await client.call(createEvent, { event: { deploymentId, eventId: "e", message: "m" } }, as("editor"));
  }
  for (const deploymentId of ["shop-1", "cart-1"]) await client.call(deleteDeployment, { deploymentId }, as("root"));
  await client.call(purgeDeployment, { deploymentId: "shop-3" }, as("root"));
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

test("an admin of some deployments is shown the deleted and purged ones of these alone, over pages", async () => {
  const shown: string[] = [];
  let pageToken = "";
  do {
    const page = await service.client.call(listDeployments, { showDeleted: true, pageSize: 1, pageToken }, as("shop"));
    shown.push(...page.deployments.map((one) => `${one.deploymentId} ${DeploymentStanding[one.standing]}`));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");

  expect(shown).toEqual(["shop-3 PURGED", "shop-2 UNSPECIFIED", "shop-1 DELETED"]);
});

test("an admin of some deployments sees what others see in the list without deleted ones", async () => {
  const { deployments } = await service.client.call(listDeployments, {}, as("shop"));

  expect(deployments.map((one) => `${one.deploymentId} ${one.standing}`)).toEqual(["cart-2 0", "shop-2 0"]);
});

test.each(["shop", "editor"] as const)("%s may not see or edit deployments that it is no admin of", async (name) => {
  const { client } = service;
  const [deploymentId, eventId, showDeleted] = ["cart-1", "e", true];
  const refused = { code: "PERMISSION_DENIED", metadata: { permission: "admin", deployment_id: deploymentId } };

  for (const call of [
    client.call(getDeployment, { deploymentId, showDeleted }, as(name)),
    client.call(getEvent, { deploymentId, eventId, showDeleted }, as(name)),
    client.call(listEvents, { deploymentId, showDeleted }, as(name)),
  ]) {
    expect(await refusalOf(call)).toMatchObject(refused);
  }
  for (const call of [
    client.call(redactEvent, { deploymentId, eventId }, as(name)),
    client.call(purgeDeployment, { deploymentId }, as(name)),
  ]) {
    expect(await refusalOf(call)).toMatchObject({ code: "PERMISSION_DENIED" });
  }
});

test("a redaction has the principal of its admin, and takes that of the event when asked for all fields", async () => {
  const { client } = service;
  const deploymentId = "shop-2";

  const { event, emptiedFields, notice } = await client.call(
    redactEvent,
    { deploymentId, eventId: "e", allFields: true },
    as("shop"),
  );

  expect(emptiedFields).toEqual(["message", "principal"]);
  expect([event?.principal, notice?.principal]).toEqual(["", "token:shop"]);
});

test("a token of DATA_DIR is nothing where there is an access file", async () => {
  const call = service.client.call(listDeployments, {}, { headers: { authorization: `Bearer ${"x".repeat(43)}` } });

  expect((await refusalOf(call)).code).toBe("UNAUTHENTICATED");
});
