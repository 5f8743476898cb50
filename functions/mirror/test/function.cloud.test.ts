import { until } from "@activity-events/testing/until";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { newEvents, sequences } from "./builders.ts";
import { type Cloud, openCloud } from "./open-cloud.ts";
import { type RunningFunction, startFunction } from "./start-function.ts";
import { firstAppearances } from "./topic-reader.ts";

const texts = (count: number) => sequences(count).map(String);
const pokeOf = (deploymentId: string) => ({ kind: "poke", deploymentId });
let cloud: Cloud;
let running: RunningFunction;

beforeEach(async () => {
  cloud = await openCloud();
  running = await startFunction({ environment: { GOOGLE_CLOUD_PROJECT: cloud.projectId } });
});
afterEach(async () => {
  await running.end("SIGKILL");
  await cloud.close();
});

/** Lets Pub/Sub push pokes to the function, in order. */
async function subscribe(): Promise<void> {
  await cloud.pubsub.topic("activity-pokes").createSubscription("mirror", {
    enableMessageOrdering: true,
    pushConfig: { pushEndpoint: `${running.url}projects/${cloud.projectId}/topics/activity-pokes` },
  });
}
const publishRequest = (json: object, orderingKey?: string) =>
  cloud.pubsub
    .topic("activity-pokes", { messageOrdering: true })
    .publishMessage({ json, ...(orderingKey === undefined ? {} : { orderingKey }) });

test("mirrors what a pushed poke asks for, sweeps, and acknowledges what makes no sense", async () => {
  await subscribe();
  await cloud.append("release-42", newEvents(3));

  await publishRequest({ kind: "nonsense" }, "release-42");
  await publishRequest(pokeOf("release-42"), "release-42");
  await publishRequest({ kind: "sweep" });

  await until(
    () => cloud.events.received.length >= 3 && running.lines.some(({ message }) => message === "sweep"),
    "the events and a sweep have come",
  );
  expect(cloud.events.of("release-42")).toEqual(texts(3));
  // What was not acknowledged would come again after a second.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(running.lines.filter(({ code }) => code !== undefined)).toMatchObject([
    { severity: "WARNING", code: "MESSAGE_INVALID", message_id: expect.any(String) },
  ]);
});

test("answers probes, and only what it knows", async () => {
  expect((await fetch(running.url)).status).toBe(200);
  expect((await fetch(running.url, { method: "HEAD" })).status).toBe(200);
  expect((await fetch(running.url, { method: "PUT" })).status).toBe(405);
  expect((await fetch(running.url, { method: "POST" })).status).toBe(204);
  expect(await running.post({ message: { attributes: { kind: "sweep" } }, subscription: "s" })).toBe(204);
  expect(await running.post(pokeOf("nobody"))).toBe(204);
});

test("does not acknowledge while the topic is away, and mirrors by itself when it is back", async () => {
  await subscribe();
  await cloud.append("release-42", newEvents(3));
  await cloud.pubsub.topic("deployment-events").delete();

  await publishRequest(pokeOf("release-42"), "release-42");
  await until(
    () => running.lines.filter(({ code }) => code === "PUBLISH_FAILED").length >= 2,
    "it fails twice to publish",
  );
  await cloud.pubsub.createTopic("deployment-events");

  await until(() => running.lines.some(({ to, end }) => to === 3 && end === "complete"), "it goes on to the end");
});

test("answers 503 when Firestore is away", async () => {
  await running.end("SIGKILL");
  running = await startFunction({
    environment: { GOOGLE_CLOUD_PROJECT: cloud.projectId, FIRESTORE_EMULATOR_HOST: "127.0.0.1:1" },
  });

  expect(await running.post(pokeOf("release-42"))).toBe(503);
  expect(await running.post({ kind: "sweep" })).toBe(503);

  expect(running.lines.filter(({ code }) => code === "STORE_FAILED")).toHaveLength(2);
});

test("loses and reorders nothing when it is killed again and again", async () => {
  await subscribe();
  const deployments = sequences(5).map((number) => `release-${number}`);

  for (const first of [1, 201, 401]) {
    await Promise.all(
      deployments.map(async (id) => {
        await cloud.append(id, newEvents(200, first));
        await publishRequest(pokeOf(id), id);
      }),
    );
    await until(() => cloud.events.received.length > first, "one more has come");
    await running.restart();
  }

  await until(() => deployments.every((id) => cloud.events.of(id).includes("600")), "all have come");
  for (const id of deployments) expect(firstAppearances(cloud.events.of(id))).toEqual(texts(600));
});

test("ends in order when it is told to stop", async () => {
  expect(await running.end("SIGTERM")).toEqual({ code: 0, signal: null });
});
