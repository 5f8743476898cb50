import { collect } from "@activity-events/testing/collect";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, type RunningService, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { ActivityEventsClient, type Deployment } from "../../src/index.ts";
import { type Mishap, openUnreliableProxy } from "./unreliable-proxy.ts";

// On a busy machine each start of the service takes long, and a frozen connection is given up after a minute.
jest.setTimeout(900_000);

afterEach(cleanUp);

/** What happens: events of random deployments, which move between environments, and deaths of the service. */
interface Plan {
  readonly mishaps: readonly Mishap[];
  /** Each a deployment's number and whether the event moves it to prod, to dev, or nowhere; `kill` kills the service before. */
  readonly steps: readonly { readonly deployment: number; readonly to: "prod" | "dev" | ""; readonly kill: boolean }[];
}

const plans: fc.Arbitrary<Plan> = fc.record({
  mishaps: fc.array(
    fc.record<Mishap>({
      afterBytes: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 500, max: 20_000 })),
      kind: fc.constantFrom("cut", "stall"),
      stallMs: fc.integer({ min: 10, max: 1_000 }),
    }),
    { minLength: 2, maxLength: 5 },
  ),
  steps: fc.array(
    fc.record({
      deployment: fc.integer({ min: 0, max: 11 }),
      to: fc.constantFrom("prod", "prod", "dev", "", ""),
      kill: fc.integer({ min: 0, max: 99 }).map((n) => n === 50),
    }),
    { minLength: 100, maxLength: 300 },
  ),
});

/** A connection that freezes, on which a stream without heartbeats would wait for ever. */
const frozen: Plan = {
  mishaps: [{ afterBytes: 3_000, kind: "freeze", stallMs: 0 }],
  steps: Array.from({ length: 100 }, (_, index) => ({ deployment: index % 12, to: "prod", kill: false })),
};

/** A watcher and a follower of an environment, over a way with mishaps, and what they have shown. */
function watchAll(address: string, environment: string) {
  const client = new ActivityEventsClient({ address, tls: false });
  const left = new AbortController();
  const heads = new Map<string, bigint>();
  const events = new Map<string, bigint[]>();
  const problems: string[] = [];
  const watching = (async () => {
    for await (const item of client.watchDeployments({ filter: { environment } }, left)) {
      if (item.kind === "left") for (const id of item.deploymentIds) heads.delete(id);
      if (item.kind === "damaged") problems.push(`damaged ${item.deploymentIds}`);
      if (item.kind !== "deployments") continue;
      for (const { deploymentId, headSequence } of item.deployments) {
        if (headSequence < (heads.get(deploymentId) ?? 0n)) problems.push(`${deploymentId} went back`);
        heads.set(deploymentId, headSequence);
      }
    }
  })();
  const following = (async () => {
    for await (const item of client.followAll({ environment, from: "start" }, left)) {
      if (item.kind === "damaged" || item.kind === "passedOver") problems.push(item.kind);
      if (item.kind !== "event") continue;
      const { deploymentId, sequence } = item.event;
      events.set(deploymentId, [...(events.get(deploymentId) ?? []), sequence]);
    }
  })();
  return {
    heads,
    events,
    problems,
    end: async () => {
      left.abort();
      await Promise.all([watching, following]);
      client.close();
    },
  };
}

async function holds({ mishaps, steps }: Plan, run: string): Promise<void> {
  const options = { dataDir: temporaryFolder().path, port: await freePort(), environment: { HEARTBEAT_SECONDS: "1" } };
  let service: RunningService = await startService(options);
  await using proxy = await openUnreliableProxy(service.port, mishaps);
  const prod = `${run}-prod`;
  const seen = watchAll(proxy.address, prod);
  const client = new ActivityEventsClient({ address: service.address, tls: false });
  let kills = 0;
  for (const { deployment, to, kill } of steps) {
    if (kill) {
      await service.kill();
      service = await startService(options);
      kills += 1;
    }
    const event = { deploymentId: `${run}-${deployment}`, message: "x", environment: to && `${run}-${to}` };
    await client.createEvent({ event }, { timeoutMs: 60_000 });
  }

  const stored = await collect(client.listDeployments({ pageSize: 1_000 }));
  const inProd = stored.filter(({ environment }) => environment === prod);
  const isShown = ({ deploymentId, headSequence }: Deployment) =>
    seen.heads.get(deploymentId) === headSequence && seen.events.get(deploymentId)?.at(-1) === headSequence;
  await until(() => inProd.every(isShown) && seen.heads.size === inProd.length, "all that is there is shown");
  await seen.end();
  client.close();

  expect(seen.problems).toEqual([]);
  expect(Object.fromEntries(seen.heads)).toEqual(
    Object.fromEntries(inProd.map(({ deploymentId, headSequence }) => [deploymentId, headSequence])),
  );
  // Each event once and in order, whether its deployment stayed or left.
  for (const sequences of seen.events.values()) {
    expect(sequences).toEqual(sequences.map((_, index) => BigInt(index + 1)));
  }
  await service.kill();
  process.stderr.write(
    `${run}: ${steps.length} events, ${kills} kills, ${proxy.happened} of ${mishaps.length} mishaps, ${inProd.length} of ${stored.length} in prod\n`,
  );
}

test("a watcher ends with exactly what is stored, and a follower of all has each event once, whatever breaks", async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`watch: SEED=${seed}\n`);
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(plans, (plan) => {
      runs += 1;
      return holds(plan, `run-${runs}`);
    }),
    { seed, numRuns: 4, endOnFailure: true, examples: [[frozen]] },
  );
});
