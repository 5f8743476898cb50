import { Caller } from "@activity-events/access/caller";
import type { DeploymentId, EventStore, Replay } from "@activity-events/event-store";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { expect, test } from "@jest/globals";
import { noPoker } from "../src/application/poker.ts";
import { deploymentTokens } from "../src/grpc/requests/deployment-tokens.ts";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";

const { replayEvents } = ActivityEventsAdminService.method;
const headers = { authorization: "Bearer admin" };

/** A service whose store has a mirror, with so many deployments of two events, a second apart, and the orders that its mirror gets. */
async function mirroredService(deployments: number) {
  const orders: Omit<Replay, "kind">[] = [];
  const poker = { ...noPoker, replay: async (order: Omit<Replay, "kind">) => void orders.push(order) };
  const around = (store: EventStore) => ({ ...store, traits: { ...store.traits, mirrored: true } });
  let nowUs = 1_000_000_000_000;
  const service = await embedService({ adminToken: "admin", poker, around, clock: () => nowUs });
  for (const eventId of ["first", "second"]) {
    for (let index = 0; index < deployments; index += 1) {
      nowUs += 1_000_000;
      const event = newEvent({ deploymentId: `d-${index}`, eventId });
      await service.client.call(ActivityEventsService.method.createEvent, { event });
    }
  }
  return { service, orders };
}

const replay = ({ client }: EmbeddedService, request: Parameters<typeof client.call<typeof replayEvents>>[1]) =>
  client.call(replayEvents, request, { headers });

test("a range of one deployment is ordered up to its head, and no dry run orders anything", async () => {
  const { service, orders } = await mirroredService(1);
  await using _ = service;

  const dry = await replay(service, { deploymentId: "d-0", dryRun: true });
  expect(orders).toEqual([]);
  const whole = await replay(service, { deploymentId: "d-0" });
  const part = await replay(service, { deploymentId: "d-0", fromSequence: 2n, toSequence: 9n });
  const none = await replay(service, { deploymentId: "d-0", fromSequence: 3n });

  expect([dry, whole, part, none].map(({ events }) => events)).toEqual([2n, 2n, 1n, 0n]);
  expect(orders).toEqual([
    { deploymentId: "d-0", fromSequence: 1, toSequence: 2 },
    { deploymentId: "d-0", fromSequence: 2, toSequence: 2 },
  ]);
});

test("all since a time come page by page, each from its first event since then", async () => {
  const { service, orders } = await mirroredService(101);
  await using _ = service;
  // After every first event, and after the second ones of d-0 and d-1.
  const asked = { receiveTimeFrom: { seconds: 1_000_104n } };

  const first = await replay(service, asked);
  const changed = await refusalOf(replay(service, { ...asked, pageToken: first.nextPageToken, dryRun: true }));
  const second = await replay(service, { ...asked, pageToken: first.nextPageToken });

  expect(changed.reason).toBe("PAGE_TOKEN_INVALID");
  expect([first.events + second.events, second.nextPageToken]).toEqual([99n, ""]);
  expect(new Set(orders.map(({ deploymentId }) => deploymentId)).size).toBe(99);
  expect(orders.every(({ fromSequence, toSequence }) => fromSequence === 2 && toSequence === 2)).toBe(true);
});

test("a request that asks for both, or for neither, names the field", async () => {
  const { service } = await mirroredService(1);
  await using _ = service;
  const fields = async (request: Parameters<typeof replay>[1]) => (await refusalOf(replay(service, request))).fields;

  expect(await fields({})).toEqual(["receive_time_from"]);
  expect(await fields({ receiveTimeFrom: { seconds: 1n }, fromSequence: 1n, toSequence: 2n })).toEqual([
    "from_sequence",
    "to_sequence",
  ]);
  expect(await fields({ deploymentId: "d-0", fromSequence: 3n, toSequence: 2n })).toEqual(["to_sequence"]);
  expect(await fields({ deploymentId: "d-0", receiveTimeFrom: { seconds: 1n }, pageToken: "x" })).toEqual([
    "receive_time_from",
    "page_token",
  ]);
});

test("a token names no deployment to a caller who administers some of them", async () => {
  const store = { pageTokenKey: async () => new Uint8Array(32) };
  const cursor = { createTimeUs: 7, deploymentId: "hidden-1" as DeploymentId };
  const tokenOf = async (admin: "all" | readonly string[]) => {
    const caller = new Caller({ principal: "user:ann", grants: { read: [], write: [], admin } });
    const tokens = await deploymentTokens({ caller, permission: "admin", scope: ["replay"], store });
    const token = tokens.encode(cursor);
    expect(tokens.decode(token)).toEqual(cursor);
    return Buffer.from(token, "base64url").toString("latin1");
  };

  expect(await tokenOf("all")).toContain("hidden-1");
  expect(await tokenOf(["a"])).not.toContain("hidden-1");
});
