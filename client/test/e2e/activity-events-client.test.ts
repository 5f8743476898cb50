import { DeploymentState } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { collect } from "@activity-events/testing/collect";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { ActivityEventsClient, type FollowItem } from "../../src/index.ts";

const clients = new Set<ActivityEventsClient>();

function connectTo(address: string): ActivityEventsClient {
  const client = new ActivityEventsClient({ address, tls: false });
  clients.add(client);
  return client;
}

afterEach(async () => {
  for (const client of clients) client.close();
  clients.clear();
  await cleanUp();
});

test("walks the whole way: records events, reads them back, follows them and sees where the deployment stands", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = connectTo(address);
  const deploymentId = "release-42";
  await client.createEvent({ event: { deploymentId, type: "deployment.started", service: "web" } });

  const recorded = await client.batchCreateEvents({
    deploymentId,
    events: [{ message: "half way" }, { eventId: "end", type: "deployment.finished", outcome: Outcome.SUCCESS }],
  });

  expect(recorded.map(({ event }) => event?.sequence)).toEqual([2n, 3n]);
  expect(await client.getEvent({ deploymentId, eventId: "end" })).toEqual(recorded[1]?.event);
  const listed = await collect(client.listEvents({ deploymentId, pageSize: 1 }));
  expect(listed.map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n]);
  const frames = await collect(client.streamEvents({ deploymentId, afterSequence: 2n }));
  expect(frames.map((frame) => frame.case)).toEqual(["opened", "events", "caughtUp"]);
  const deployment = await client.getDeployment({ deploymentId });
  expect(deployment).toMatchObject({ headSequence: 3n, state: DeploymentState.FINISHED, service: "web" });
  expect(await collect(client.listDeployments({ filter: { service: "web" } }))).toEqual([deployment]);
  expect(await client.checkHealth()).toBe("SERVING");
});

test("stores an event once though its server dies under the call and comes back", async () => {
  const dataDir = temporaryFolder().path;
  const port = await freePort();
  const first = await startService({ dataDir, port });
  const client = connectTo(first.address);
  await client.connect();
  await first.kill();

  const recording = client.createEvent({ event: { deploymentId: "d", message: "built" } }, { timeoutMs: 120_000 });
  await startService({ dataDir, port });

  expect((await recording).event).toMatchObject({ sequence: 1n, eventId: expect.stringMatching(/^[\da-f-]{36}$/) });
});

test("tells what the server says of a refusal", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = connectTo(address);
  await client.createEvent({ event: { deploymentId: "d", eventId: "e", message: "built" } });

  const invalid = client.createEvent({ event: { deploymentId: "a/b", type: "deployment.finished" } });
  const conflict = client.createEvent({ event: { deploymentId: "d", eventId: "e", message: "other" } });
  const mismatch = client.createEvent({ event: { deploymentId: "d", message: "x" }, expectedSequence: 0n });

  const fields = [{ field: "event.deployment_id" }, { field: "event.outcome" }];
  await expect(invalid).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: "REQUEST_INVALID",
    violations: fields,
  });
  await expect(conflict).rejects.toMatchObject({ reason: "EVENT_ID_CONFLICT", metadata: { fields: "message" } });
  await expect(mismatch).rejects.toMatchObject({ code: "ABORTED", metadata: { actual_sequence: "1" } });
});

test("follows over a crash of the server: every event once and in order", async () => {
  const dataDir = temporaryFolder().path;
  const port = await freePort();
  const first = await startService({ dataDir, port });
  const client = connectTo(first.address);
  const record = (message: string) =>
    client.createEvent({ event: { deploymentId: "d", message } }, { timeoutMs: 120_000 });
  const items: FollowItem[] = [];
  const following = (async () => {
    for await (const item of client.followEvents({ deploymentId: "d" })) {
      items.push(item);
      if (item.kind === "event" && item.event.message === "last") return;
    }
  })();
  await record("first");
  await until(() => items.some(({ kind }) => kind === "event"), "the first event is shown");

  await first.kill();
  await startService({ dataDir, port });
  await record("second");
  await record("last");
  await following;

  const messages = items.flatMap((item) => (item.kind === "event" ? [item.event.message] : []));
  expect(messages).toEqual(["first", "second", "last"]);
  expect(items.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["disconnected", "reconnected"]));
});

test("opens a stream anew that its server has fallen silent on", async () => {
  const service = await startService({ dataDir: temporaryFolder().path, environment: { HEARTBEAT_SECONDS: "1" } });
  const client = connectTo(service.address);
  const items = client.followEvents({ deploymentId: "d" });
  await items.next();

  service.signal("SIGSTOP");
  const lost = await firstOf(items, "disconnected");
  service.signal("SIGCONT");
  const back = await firstOf(items, "reconnected");

  expect(lost).toMatchObject({ error: { code: "UNAVAILABLE", message: "The server sent nothing for 3 s." } });
  expect(back).toMatchObject({ cursor: 0n });
});

test("shows a filtered follower only what matches, and moves its cursor over the rest", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path, environment: { HEARTBEAT_SECONDS: "1" } });
  const client = connectTo(address);
  const events = [{ message: "a" }, { message: "b", severity: Severity.ERROR }, { message: "c" }];
  await client.batchCreateEvents({ deploymentId: "d", events });

  const items = client.followEvents({ deploymentId: "d", filter: { severityMin: Severity.ERROR } });
  const first = await firstOf(items, "event");
  const heartbeat = await firstOf(items, "heartbeat");

  expect(first).toMatchObject({ event: { message: "b" } });
  expect(heartbeat).toMatchObject({ cursor: 3n, headSequence: 3n });
});

test("fails within its time when nobody is there", async () => {
  const client = connectTo(`127.0.0.1:${await freePort()}`);

  const connecting = client.connect({ timeoutMs: 500 });

  await expect(connecting).rejects.toMatchObject({ code: "UNAVAILABLE", reason: undefined });
  await expect(client.getDeployment({ deploymentId: "d" })).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

/** Reads on until an item of this kind comes. */
async function firstOf(items: AsyncIterator<FollowItem>, kind: FollowItem["kind"]): Promise<FollowItem> {
  for (;;) {
    const next = await items.next();
    if (next.done) throw new Error(`the following ended before ${kind}`);
    if (next.value.kind === kind) return next.value;
  }
}
