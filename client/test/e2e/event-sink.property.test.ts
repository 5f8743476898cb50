import { setTimeout as sleep } from "node:timers/promises";
import { collect } from "@activity-events/testing/collect";
import { cleanUp, type RunningService, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import type { Client } from "@grpc/grpc-js";
import { afterEach, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { BackOff } from "../../src/calls/back-off.ts";
import { openChannel } from "../../src/calls/open-channel.ts";
import type { EventInit } from "../../src/events/fill-event-id.ts";
import { ActivityEventsClient } from "../../src/index.ts";
import { EventSink } from "../../src/ingest/event-sink.ts";
import { ChannelConnection } from "../../src/ingest/ingest-connection.ts";
import { type Mishap, openUnreliableProxy } from "./unreliable-proxy.ts";

// On a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

// Short, so that a silence is noticed in a test's time, and long against what a busy machine takes for an acknowledgement.
const silenceMs = 500;

afterEach(cleanUp);

/** A sink on its way over `address`. */
function sinkTo(address: string, source: AsyncIterable<EventInit>): { sink: EventSink; channel: Client } {
  const service = { address, tls: false };
  const channel = openChannel(service, { ownConnection: true });
  const sink = new EventSink({
    source,
    connection: new ChannelConnection(channel, () => openChannel(service, { ownConnection: true })),
    backOff: new BackOff({ firstMs: 5, maxMs: 50 }),
    timeoutMs: 60_000,
    silenceMs,
  });
  return { sink, channel };
}

/** What is poured in: events whose message is their number, and how the source gives them. */
interface Plan {
  readonly mishaps: readonly Mishap[];
  readonly events: number;
  readonly deployments: number;
  /** The source pauses after so many events. */
  readonly burst: number;
  /** Each so manyth event has an id that cannot be, and is refused; one that repeats the first event; an id of its own. */
  readonly refusedEach: number;
  readonly repeatedEach: number;
  readonly namedEach: number;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  mishaps: fc.array(
    fc.record<Mishap>({
      // An acknowledgement has about 60 bytes.
      afterBytes: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 500, max: 100_000 })),
      kind: fc.constantFrom("cut", "cut", "stall", "freeze"),
      stallMs: fc.integer({ min: 10, max: 2 * silenceMs }),
    }),
    { minLength: 3, maxLength: 8 },
  ),
  events: fc.integer({ min: 2_000, max: 8_000 }),
  deployments: fc.integer({ min: 1, max: 20 }),
  burst: fc.integer({ min: 1, max: 2_000 }),
  refusedEach: fc.integer({ min: 50, max: 500 }),
  repeatedEach: fc.integer({ min: 50, max: 500 }),
  namedEach: fc.integer({ min: 1, max: 5 }),
});

/** A second attempt to connect that hangs, while grpc-js ends all streams for the first one that failed. */
const hangingAttempt: Plan = {
  mishaps: [
    { afterBytes: 2, kind: "cut", stallMs: 0 },
    { afterBytes: 1, kind: "freeze", stallMs: 0 },
  ],
  ...{ events: 2_000, deployments: 2, burst: 500, refusedEach: 300, repeatedEach: 100, namedEach: 2 },
};

/** Event number n, from 1; the deployments are the run's own. */
function eventOf(n: number, run: string, { deployments, refusedEach, repeatedEach, namedEach }: Plan): EventInit {
  const first = { deploymentId: `${run}-0`, eventId: "first", message: "0" };
  if (n === 1 || n % repeatedEach === 0) return first;
  const event = { deploymentId: `${run}-${n % deployments}`, message: `${n}` };
  if (n % refusedEach === 0) return { ...event, eventId: "no id" };
  return n % namedEach === 0 ? { ...event, eventId: `e-${n}` } : event;
}

async function holds(plan: Plan, run: string, service: RunningService, client: ActivityEventsClient): Promise<void> {
  await using proxy = await openUnreliableProxy(service.port, plan.mishaps);
  const inits = Array.from({ length: plan.events }, (_, index) => eventOf(index + 1, run, plan));
  async function* source() {
    for (const [index, init] of inits.entries()) {
      if (index % plan.burst === 0) await sleep(1);
      yield init;
    }
  }

  const { sink, channel } = sinkTo(proxy.address, source());
  const outcomes = await collect(sink.outcomes()).finally(() => channel.close());

  // Each outcome once, in the order of the events.
  expect(outcomes.map(({ event }) => event.message)).toEqual(inits.map(({ message }) => message));
  const refused = outcomes.flatMap((outcome, index) => (outcome.kind === "refused" ? [index] : []));
  expect(refused).toEqual(inits.flatMap(({ eventId }, index) => (eventId === "no id" ? [index] : [])));
  // Each event once, in its order and its place.
  for (let deployment = 0; deployment < plan.deployments; deployment += 1) {
    const deploymentId = `${run}-${deployment}`;
    const sequences = new Map<string, bigint>();
    for (const outcome of outcomes) {
      if (outcome.kind !== "stored" || outcome.event.deploymentId !== deploymentId) continue;
      const { eventId } = outcome.event;
      // What repeats the first event has the first one's sequence.
      expect(outcome.sequence).toBe(sequences.get(eventId) ?? BigInt(sequences.size + 1));
      sequences.set(eventId, outcome.sequence);
    }
    const stored = await collect(client.listEvents({ deploymentId, pageSize: 1_000 }));
    expect(stored.map(({ eventId, sequence }) => [eventId, sequence])).toEqual([...sequences]);
  }
  expect(proxy.happened).toBeGreaterThan(0);
  process.stderr.write(
    `${run}: ${plan.events} events over ${proxy.connections} connections, ${proxy.happened} of ${plan.mishaps.length} mishaps\n`,
  );
}

test("stores each event once, in order, and tells each outcome once, however the connections break and freeze", async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`event-sink: SEED=${seed}\n`);
  const service = await startService({ dataDir: temporaryFolder().path });
  const client = new ActivityEventsClient({ address: service.address, tls: false });
  let runs = 0;
  const property = fc.asyncProperty(plans, async (plan) => {
    runs += 1;
    await holds(plan, `run${runs}`, service, client);
  });

  // Each run takes seconds: what fails is told as it is, and RUNS=100 soaks.
  const numRuns = Number(process.env.RUNS ?? 5);
  const examples: [Plan][] = [[hangingAttempt]];
  await fc.assert(property, { seed, numRuns, examples, endOnFailure: true }).finally(() => client.close());
  expect(service.hasExited).toBe(false);
});

test("notices a server that is silent, reconnects until it is back, and doubles nothing", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  await using proxy = await openUnreliableProxy(service.port, []);
  const more = Promise.withResolvers<void>();
  async function* source() {
    for (let n = 1; n <= 2_000; n += 1) yield { deploymentId: "d", message: `${n}` };
    await more.promise;
    for (let n = 2_001; n <= 4_000; n += 1) yield { deploymentId: "d", message: `${n}` };
  }
  const { sink, channel } = sinkTo(proxy.address, source());
  const outcomes = sink.outcomes();
  for (let told = 0; told < 2_000; told += 1) await outcomes.next();

  service.signal("SIGSTOP");
  more.resolve();
  const rest = collect(outcomes);
  await until(() => proxy.connections >= 3, "the sink has tried another connection, and one more");
  service.signal("SIGCONT");

  expect((await rest.finally(() => channel.close())).map(({ event }) => event.message)).toEqual(
    Array.from({ length: 2_000 }, (_, index) => `${index + 2_001}`),
  );
  const client = new ActivityEventsClient({ address: service.address, tls: false });
  const stored = await collect(client.listEvents({ deploymentId: "d", pageSize: 1_000 })).finally(() => client.close());
  expect(stored.map(({ message }) => message)).toEqual(Array.from({ length: 4_000 }, (_, index) => `${index + 1}`));
});
