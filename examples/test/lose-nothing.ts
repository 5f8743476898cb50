import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { type Event, Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { startService } from "@activity-events/testing/running-service";
import { ServiceClient } from "@activity-events/testing/service-client";
import { openTcpProxy, type TcpProxy } from "@activity-events/testing/tcp-proxy";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { expect } from "@jest/globals";
import type { PreparedExample, RunningLine } from "./prepared-example.ts";

/** Shell lines of an example's two programs. */
export interface ExampleLines {
  produce(address: string, deploymentId: string): string;
  follow(address: string, deploymentId: string): string;
  /** False if the producer connects for each event: without answers it then gets no event to the service. */
  readonly keepsConnection: boolean;
}

const environment = { HEARTBEAT_SECONDS: "1" };

/**
 * Runs producer and follower of an example while the service is killed, drains, loses its answers and falls silent, and the
 * follower is killed. Expects that each step is stored once, and shown at least once, in order and without a gap.
 */
export async function expectNothingLost(example: PreparedExample, lines: ExampleLines): Promise<void> {
  const proxies: TcpProxy[] = [];
  try {
    await runThroughFaults(example, lines, proxies);
  } finally {
    for (const proxy of proxies) await proxy.close();
  }
}

async function runThroughFaults(example: PreparedExample, lines: ExampleLines, proxies: TcpProxy[]): Promise<void> {
  const dataDir = temporaryFolder().path;
  let service = await startService({ dataDir, environment });
  const restart = async () => {
    await service.exited;
    service = await startService({ dataDir, environment, port: service.port });
  };
  const proxy = await openTcpProxy(service.address);
  proxies.push(proxy);
  const follow = () => example.start(lines.follow(proxy.address, "d"), proxy.address);
  const producer = example.start(lines.produce(proxy.address, "d"), proxy.address);
  let follower = follow();
  const earlier: RunningLine[] = [];
  const steps = stepsOf(producer);

  steps.take(5);
  await shows(follower, 5);
  // The service dies, and so does the follower. The producer goes on meanwhile.
  service.signal("SIGKILL");
  steps.take(3);
  earlier.push(follower);
  await follower.kill();
  follower = follow();
  await restart();
  await shows(follower, 8);
  // The service drains: streams end with goaway.
  service.signal("SIGTERM");
  steps.take(2);
  await restart();
  await shows(follower, 10);
  // A step is stored and its answer lost.
  proxy.loseAnswers();
  steps.take(1);
  if (lines.keepsConnection) {
    await until(async () => (await stored(service.address)).length === 12, "the step is stored");
  }
  await until(() => proxy.lostBytes > 0, "its answer is lost");
  proxy.restore();
  await shows(follower, 11);
  // The connection is there, and nothing comes.
  const before = follower.errors.length;
  proxy.cutOff();
  await until(
    () => /silent|Lost the connection/.test(follower.errors.slice(before)),
    "the follower notices the silence",
  );
  proxy.restore();
  steps.take(1);
  producer.endInput();

  expect([await producer.ended, producer.errors]).toEqual([0, expect.any(String)]);
  await until(() => follower.rows.some(([, type]) => type === "deployment.finished"), "the end is shown");
  const events = await stored(service.address);
  const numbers = Array.from({ length: 12 }, (_, index) => `step ${index + 1}`);
  expect(events.map(({ message }) => message)).toEqual(["", ...numbers, ""]);
  expect([events[0]?.type, events.at(-1)?.type, events.at(-1)?.outcome]).toEqual([
    "deployment.started",
    "deployment.finished",
    Outcome.SUCCESS,
  ]);
  const rows = [...earlier.flatMap((line) => line.rows), ...follower.rows];
  expect(new Map(rows.map(([sequence, , message]) => [sequence, message]))).toEqual(
    new Map(events.map(({ sequence, message }) => [String(sequence), message])),
  );
  for (const { rows: own } of [...earlier, follower]) {
    const first = Number(own[0]?.[0]);
    expect(own.map(([sequence]) => Number(sequence))).toEqual(own.map((_, index) => first + index));
  }
  expect(producer.rows).toHaveLength(14);
  // The one whose answer was lost was stored by the attempt before.
  if (lines.keepsConnection) expect(producer.output).toMatch(/\btrue\b/i);
}

/** Hands steps to a producer, numbered from 1. */
function stepsOf(producer: RunningLine) {
  let number = 0;
  return {
    take(count: number) {
      for (let taken = 0; taken < count; taken += 1) {
        number += 1;
        producer.write(`step ${number}\n`);
      }
    },
  };
}

function shows(follower: RunningLine, step: number): Promise<void> {
  return until(() => follower.rows.some(([, , message]) => message === `step ${step}`), `step ${step} is shown`);
}

async function stored(address: string): Promise<readonly Event[]> {
  const client = new ServiceClient(address);
  try {
    const request = { deploymentId: "d", pageSize: 1_000 };
    return (await client.call(ActivityEventsService.method.listEvents, request)).events;
  } finally {
    client.close();
  }
}
