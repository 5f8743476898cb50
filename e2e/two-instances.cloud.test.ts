import { methodPath } from "@activity-events/proto/service-definition";
import { type Cloud, closeAll, startCloud } from "@activity-events/testing/cloud-stack";
import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { refusalIn } from "@activity-events/testing/refusal";
import { until } from "@activity-events/testing/until";
import { create, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "@jest/globals";
import { readDocuments } from "./firestore-documents.ts";
import { Follower } from "./follower.ts";
import { inParallel } from "./in-parallel.ts";
import { readStoredEvents } from "./stored-events.ts";

const deploymentId = "release-42";
const filter = { environment: "prod" };

afterEach(async () => {
  disconnectAll();
  await closeAll();
});

test("shows a follower on one process, in order, what is written through the other", async () => {
  const cloud = await startCloud();
  const [here, there] = clientsOf(cloud);
  const seen: string[] = [];
  const follower = new Follower(here, { deploymentId, onEvent: ({ eventId }) => seen.push(eventId) });
  await follower.until(() => follower.frames.includes("caught_up"));
  const ids = Array.from({ length: 100 }, (_, index) => `e-${index + 1}`);

  for (const eventId of ids) {
    await call(there, methods.createEvent, { event: { deploymentId, eventId, message: "through the other" } });
  }
  await follower.reach(ids.length);

  expect(seen).toEqual(ids);
  expect(follower.broken).toBeUndefined();
  follower.cancel();
});

test("shows a watcher on one process each deployment that changes through the other", async () => {
  const cloud = await startCloud();
  const [here, there] = clientsOf(cloud);
  const heads = new Map<string, number>();
  const left: string[] = [];
  const watch = here.makeServerStreamRequest(
    methodPath(methods.watchDeployments),
    (bytes: Buffer) => bytes,
    (bytes) => fromBinary(methods.watchDeployments.output, bytes),
    Buffer.from(toBinary(methods.watchDeployments.input, create(methods.watchDeployments.input, { filter }))),
  );
  watch.on("error", () => {});
  let hasCaughtUp = false;
  watch.on("data", ({ frame }: MessageShape<typeof methods.watchDeployments.output>) => {
    if (frame.case === "caughtUp") hasCaughtUp = true;
    if (frame.case === "left") left.push(...frame.value.deploymentIds);
    if (frame.case !== "deployments") return;
    for (const one of frame.value.deployments) heads.set(one.deploymentId, Number(one.headSequence));
  });
  await until(() => hasCaughtUp, "the list has come");

  for (let n = 0; n < 60; n += 1) {
    const event = { deploymentId: `release-${n % 6}`, message: "through the other", environment: "prod" };
    await call(there, methods.createEvent, { event });
  }
  await until(() => [...heads.values()].filter((head) => head === 10).length === 6, "the last heads have come");
  await call(there, methods.createEvent, {
    event: { deploymentId: "release-0", message: "moved", environment: "dev" },
  });
  await until(() => left.includes("release-0"), "the one that moved has left");
  watch.cancel();
});

test("stores 100 concurrent CreateEvent calls of one deployment over two processes, gapless, in at most 20 commits", async () => {
  const cloud = await startCloud();
  const clients = clientsOf(cloud);
  const calls = Array.from({ length: 100 }, (_, index) => `e-${index + 1}`);

  const answers = await Promise.all(
    calls.map((eventId, index) => {
      const client = clients[index % 2 === 0 ? 0 : 1];
      return call(client, methods.createEvent, { event: { deploymentId, eventId, message: "all at once" } });
    }),
  );

  const stored = await readStoredEvents(clients[0], deploymentId);
  const documents = await readDocuments(cloud.projectId, `deployments/${deploymentId}/events`);
  const commits = new Set([...documents.values()].map(({ commit_id }) => commit_id?.stringValue));
  process.stderr.write(`two-instances: ${answers.length} calls in ${commits.size} commits\n`);
  const answered = new Map(answers.map(({ event }) => [event?.eventId, event?.sequence]));
  expect(answers.filter(({ duplicate }) => duplicate)).toEqual([]);
  expect(stored.map(({ sequence }) => Number(sequence))).toEqual(calls.map((_, index) => index + 1));
  expect(new Map(stored.map(({ eventId, sequence }) => [eventId, sequence]))).toEqual(answered);
  expect([...documents.keys()].sort()).toEqual([...calls].sort());
  expect(commits).not.toContain(undefined);
  expect(commits.size).toBeLessThanOrEqual(20);
});

test("stores an event once that both processes are sent at once, and calls it a duplicate to all but one caller", async () => {
  const cloud = await startCloud();
  const clients = clientsOf(cloud);
  const rounds = 20;
  const stored: number[] = [];

  await inParallel(rounds, 4, async (round) => {
    const event = { deploymentId: `release-${round % 5}`, eventId: `e-${round}`, message: "once" };
    const answers = await Promise.all(clients.map((client) => call(client, methods.createEvent, { event })));
    const [first, second] = answers.map((answer) => answer.event);
    expect(first).toEqual(second);
    stored.push(answers.filter(({ duplicate }) => !duplicate).length);
  });

  expect(stored).toEqual(Array(rounds).fill(1));
});

test("stores one of two contents that both processes are sent under one id, and refuses the other", async () => {
  const cloud = await startCloud();
  const clients = clientsOf(cloud);
  const rounds = Array.from({ length: 10 }, (_, round) => `e-${round}`);

  for (const eventId of rounds) {
    const answers = await Promise.allSettled(
      clients.map((client, index) =>
        call(client, methods.createEvent, { event: { deploymentId, eventId, message: `through ${index}` } }),
      ),
    );
    const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [refusalIn(answer.reason)] : []));
    expect(refused).toMatchObject([
      { code: "ALREADY_EXISTS", reason: "EVENT_ID_CONFLICT", metadata: { fields: "message" } },
    ]);
  }

  const stored = await readStoredEvents(clients[0], deploymentId);
  expect(stored.map(({ eventId }) => eventId)).toEqual(rounds);
});

function clientsOf({ addresses: [first = "", second = ""] }: Cloud) {
  return [connect(first), connect(second)] as const;
}
