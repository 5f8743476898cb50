import { until } from "@activity-events/testing/until";
import { type Message, PubSub } from "@google-cloud/pubsub";
import { expect, test } from "@jest/globals";
import { markedProcesses } from "../src/marked-processes.ts";
import { randomProjectId } from "../src/random-project-id.ts";
import { type StackOptions, startStack } from "../src/start-stack.ts";
import { addEvent } from "./add-event.ts";
import { runsOf } from "./runs.ts";

function start(options: Partial<StackOptions> = {}) {
  return startStack({
    environment: process.env,
    projectId: randomProjectId(),
    services: 2,
    sweepIntervalSeconds: 3_600,
    subscriber: false,
    onLine: () => {},
    ...options,
  });
}

/** The ids of the events that arrive on the topic, in the order in which they do. */
function subscribe({ projectId, sampleSubscription }: { projectId: string; sampleSubscription: string }) {
  const pubsub = new PubSub({ projectId });
  const subscription = pubsub.subscription(sampleSubscription);
  const ids: string[] = [];
  subscription.on("message", (message: Message) => {
    ids.push(message.attributes["ce-id"] ?? "");
    message.ack();
  });
  const close = async () => {
    await subscription.close();
    await pubsub.close();
  };
  return { ids, close };
}

test("processes are killed and come back on their ports, and what they missed arrives all the same", async () => {
  const stack = await start();
  const [first, second] = stack.services;
  if (first === undefined || second === undefined) throw new Error("there are two services");
  const subscriber = subscribe(stack);
  const before = { pids: [first.pid, stack.mirror.pid], places: [first.address, stack.mirror.url] };

  await addEvent(first.address, { deploymentId: "d", eventId: "one" });
  await first.kill();
  await stack.mirror.kill();
  await addEvent(second.address, { deploymentId: "d", eventId: "two" });
  await Promise.all([first.restart(), stack.mirror.restart()]);
  await addEvent(first.address, { deploymentId: "d", eventId: "three" });
  await until(() => subscriber.ids.includes("three"), "all have arrived");
  await subscriber.close();
  const runs = runsOf([first.pid]);
  await stack.stop();

  expect([...new Set(subscriber.ids)]).toEqual(["one", "two", "three"]);
  expect([first.address, stack.mirror.url]).toEqual(before.places);
  expect(before.pids).not.toContain(first.pid);
  expect(before.pids).not.toContain(stack.mirror.pid);
  expect(runs.flatMap(markedProcesses)).toEqual([]);
});

test("pokes can be led elsewhere, and a sweep reaches the mirror", async () => {
  const lines: string[] = [];
  let pushedTo = "";
  const stack = await start({
    services: 1,
    pushThrough: (endpoint) => {
      pushedTo = endpoint;
      return endpoint;
    },
    onLine: (part, line) => lines.push(`${part} ${line}`),
  });

  await stack.sweep();
  await until(() => lines.some((line) => /^mirror .*"sweep"/.test(line)), "it sweeps");
  await stack.stop();

  expect(pushedTo).toBe(`${stack.mirror.url}/projects/${stack.projectId}/topics/activity-pokes`);
});

test("a part that cannot start ends the others, and its words are told", async () => {
  const lines: string[] = [];

  const starting = start({
    serviceEnvironment: { LOG_LEVEL: "loud" },
    onLine: (part) => lines.push(part),
  });

  await expect(starting).rejects.toThrow(/^service-\d exited before it was ready:\n.*LOG_LEVEL must be one of/);
});
