import { endClients } from "@activity-events/cli/test/e2e/running-client";
import { Outcome } from "@activity-events/client";
import { openTopicReader } from "@activity-events/mirror/test/topic-reader";
import { atEnd, closeAll } from "@activity-events/testing/cloud-stack";
import { collect } from "@activity-events/testing/collect";
import { disconnectAll } from "@activity-events/testing/contract-client";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { startCloudWithAdmin } from "./cloud-with-admin.ts";
import { readMirrored } from "./firestore-documents.ts";

const secret = "hunter2";

afterEach(async () => {
  await endClients();
  disconnectAll();
  await closeAll();
});

test("after a redaction the topic has its notice and never the secret again, replayed or not, and a purge ends the deployment there", async () => {
  const { cloud, clients, topic, record, asAdmin } = await start();
  await record("started", { type: "deployment.started", environment: "production" });
  await record("leak", leak);
  await until(async () => (await readMirrored(cloud.projectId)).get("d") === 2, "both are mirrored");
  await until(() => topic.received.length === 2, "both have come");
  expect(topic.received[1]?.text).toContain(secret);

  // The second leak is redacted before the mirror publishes it.
  await cloud.mirror.kill();
  await record("late-leak", leak);
  for (const eventId of ["leak", "late-leak"]) {
    const redacted = await asAdmin(`redact d ${eventId} --yes --reason mistake`);
    expect(redacted).toMatchObject({ exitCode: 0 });
  }
  await record("finished", { type: "deployment.finished", outcome: Outcome.SUCCESS });
  await cloud.mirror.restart();
  await until(() => topic.received.length >= 6, "the rest is mirrored");

  expect(topic.of("d")).toEqual(["1", "2", "3", "4", "5", "6"]);
  const [, , emptied, ...rest] = topic.received;
  expect(emptied).toMatchObject({ id: "late-leak", attributes: { commitment: expect.any(String) } });
  expect(Object.keys(emptied?.json ?? {}).sort()).toEqual([
    ...["commitment", "deploymentId", "environment", "eventId", "name", "principal"],
    ...["receiveTime", "sequence", "severity", "type"],
  ]);
  expect(rest.map(({ type, json }) => [type, json.data])).toEqual([
    ["activityevents.redacted", { eventId: "leak", sequence: 2, allFields: false }],
    ["activityevents.redacted", { eventId: "late-leak", sequence: 3, allFields: false }],
    ["deployment.finished", undefined],
  ]);
  for (const client of clients) {
    const stored = await collect(client.listEvents({ deploymentId: "d" }));
    expect(stored.map(({ eventId, message }) => [eventId, message])).toEqual([
      ["started", ""],
      ["leak", ""],
      ["late-leak", ""],
      [expect.any(String), "mistake"],
      [expect.any(String), "mistake"],
      ["finished", ""],
    ]);
  }

  const replayed = await asAdmin("replay d --from 2");
  expect(replayed).toMatchObject({ exitCode: 0, errors: expect.stringContaining("5 events of 1 deployment") });
  await until(() => topic.received.length >= 11, "the repeats have come");
  const since = await asAdmin("replay --since 1h");
  expect(since).toMatchObject({ exitCode: 0, errors: expect.stringContaining("6 events of 1 deployment") });
  await until(() => topic.received.length >= 17, "the repeats of all have come");
  const repeats = topic.received.slice(6);
  expect(repeats.map(({ sequence }) => sequence)).toEqual([2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
  expect(repeats.every(({ attributes }) => attributes.replayed === "true")).toBe(true);
  expect(topic.received.slice(0, 6).some(({ attributes }) => "replayed" in attributes)).toBe(false);
  expect(await asAdmin("verify")).toMatchObject({ exitCode: 0 });

  const flag = expect.stringContaining("--no-older-instances says so.");
  expect(await asAdmin("purge d --yes --reason over")).toMatchObject({ exitCode: 4, errors: flag });
  const purged = await asAdmin("purge d --yes --no-older-instances --reason over");
  expect(purged).toMatchObject({ exitCode: 0 });
  await until(() => topic.received.length >= 18, "the notice of the purge has come");
  expect(topic.received[17]).toMatchObject({ sequence: 7, type: "activityevents.purged", json: { message: "over" } });
  expect(await asAdmin("replay d")).toMatchObject({ exitCode: 4, errors: expect.stringContaining("purged") });

  expect(topic.received).toHaveLength(18);
  expect(topic.received.slice(2).filter((message) => JSON.stringify(message).includes(secret))).toEqual([]);
  expect(topic.received.filter(({ type }) => type === "activityevents.tombstone")).toEqual([]);
  expect(await asAdmin("verify")).toMatchObject({ exitCode: 0 });
  expect(cloud.deaths).toEqual([]);
});

test("a purge waits for the mirror, and with force leaves tombstones of what was not published", async () => {
  const { cloud, clients, topic, record, asAdmin } = await start();
  await record("published");
  // Not only published: a mirror that is killed in between publishes its tombstone, too.
  await until(async () => (await readMirrored(cloud.projectId)).get("d") === 1, "it is mirrored");
  await cloud.mirror.kill();
  await record("leak", leak);

  const behind = clients[0].admin.purgeDeployment(
    { deploymentId: "d", noOlderInstances: true },
    // The service waits for the mirror as long as the call.
    { timeoutMs: 3_000 },
  );
  await expect(behind).rejects.toMatchObject({ reason: expect.stringMatching(/^(MIRROR_BEHIND|DEADLINE_PASSED)$/) });
  await expect(record("later")).rejects.toMatchObject({ reason: "DEPLOYMENT_PURGED" });
  const forced = await asAdmin("purge d --yes --no-older-instances --force");
  expect(forced).toMatchObject({ exitCode: 0 });
  await cloud.mirror.restart();

  await until(() => topic.received.length >= 3, "tombstones have come");
  expect(topic.of("d")).toEqual(["1", "!2", "!3"]);
  expect(topic.received.slice(1).map(({ json }) => json)).toEqual([
    { reason: "PURGED", sequence: "2" },
    { reason: "PURGED", sequence: "3" },
  ]);
  expect(topic.received.filter((message) => JSON.stringify(message).includes(secret))).toEqual([]);
  expect(await asAdmin("verify")).toMatchObject({ exitCode: 0 });
  expect(cloud.deaths).toEqual([]);
});

/** The secret in every field that a redaction empties. */
const leak = {
  environment: "production",
  message: `the password is ${secret}`,
  actor: secret,
  source: `//ci/${secret}`,
  url: `https://ci.example/${secret}`,
  labels: { password: secret },
  data: { password: secret },
};

/** Starts the system and reads the topic from the start. */
async function start() {
  const { cloud, clients, asAdmin } = await startCloudWithAdmin();
  const topic = await openTopicReader(cloud.projectId, cloud.eventsTopic);
  atEnd(() => topic.close());
  const record = (eventId: string, init: object = {}) =>
    clients[0].createEvent({ event: { deploymentId: "d", eventId, type: "deployment.progress", ...init } });
  return { cloud, clients, topic, record, asAdmin };
}
