import { Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ActivityEventsClient, type EventInit } from "../../src/index.ts";
import type { Fault } from "../../src/verify/fault.ts";
import { verifyDeployment } from "../../src/verify/verify-deployment.ts";

afterEach(cleanUp);

const nowSeconds = BigInt(Math.floor(Date.now() / 1_000));
// Few, so that many are equal; some that no clock may say.
const sendTime = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 1 },
  {
    weight: 3,
    arbitrary: fc.record({
      seconds: fc.constantFrom(
        -5n,
        946_684_799n,
        946_684_800n,
        nowSeconds - 100n,
        nowSeconds - 99n,
        nowSeconds + 200n,
        nowSeconds + 200n,
        nowSeconds + 200n,
        nowSeconds + 9_999n,
        200_000_000_000n,
      ),
      nanos: fc.constantFrom(0, 0, 0, 0, 999, 1_000, 999_999_999),
    }),
  },
);
const name = fc.constantFrom("", "", "a", "b");
const names = { environment: name, service: name, revision: name, actor: name, commit: name, url: name };
const type = fc.constantFrom(
  ...["queued", "started", "progress", "rolledback", "other"].map((kind) => `deployment.${kind}`),
  "incident.opened",
  "incident.resolved",
  "service.removed",
);
const outcomes = [Outcome.SUCCESS, Outcome.FAILURE, Outcome.CANCELED, Outcome.ERROR];
const finished = fc.constantFrom(...outcomes);
/** Two outcomes at the same time, which chance seldom brings. */
const pairs: readonly EventInit[][] = outcomes.flatMap((one) =>
  outcomes.map((other) =>
    [one, other].map((outcome) => ({ type: "deployment.finished", outcome, sendTime: { seconds: nowSeconds } })),
  ),
);
const event: fc.Arbitrary<EventInit> = fc
  .tuple(fc.record({ ...names, sendTime, commitTime: sendTime, type }), fc.option(finished, { freq: 1 }))
  .map(([init, outcome]) => (outcome === null ? init : { ...init, type: "deployment.finished", outcome }) as EventInit);

test("adds events up to the head that the service shows, for random histories", async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`verify-fold: SEED=${seed}\n`);
  const random = fc.sample(fc.array(event, { minLength: 1, maxLength: 20 }), { seed, numRuns: 500 });
  const histories = [...random, ...pairs];
  const { address } = await startService({ dataDir: temporaryFolder().path, environment: { STORE: "memory" } });
  const client = new ActivityEventsClient({ address, tls: false });
  const all = histories.flatMap((events, number) => events.map((one) => ({ ...one, deploymentId: `d${number}` })));
  const refused: string[] = [];
  for await (const outcome of client.ingestEvents(all)) {
    if (outcome.kind === "refused") refused.push(outcome.error.message);
  }

  const faults: Fault[] = [];
  let deployments = 0;
  for await (const head of client.listDeployments({ pageSize: 1_000 })) {
    deployments += 1;
    await verifyDeployment(client, { head, onFault: (fault) => faults.push(fault) });
  }

  client.close();
  expect(refused).toEqual([]);
  expect(faults).toEqual([]);
  expect(deployments).toBe(histories.length);
});
