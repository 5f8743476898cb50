import { ActivityEventsClient } from "@activity-events/client";
import { atEnd, closeAll, startCloud } from "@activity-events/testing/cloud-stack";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { openListenProxy } from "./listen-proxy.ts";

const readPath = "/google.firestore.v1.Firestore/BatchGetDocuments";
const events = 40;

afterEach(closeAll);

test.each([1, 10])(
  "a change costs Firestore one read of the head, with %d watchers of an instance",
  async (watchers) => {
    const proxy = await openListenProxy(process.env.FIRESTORE_EMULATOR_HOST ?? "");
    const serviceEnvironment = { FIRESTORE_EMULATOR_HOST: proxy.address };
    const { addresses } = await startCloud({ services: 1, serviceEnvironment });
    const client = new ActivityEventsClient({ address: addresses[0] ?? "", tls: false });
    atEnd(async () => client.close());
    const seen = Array.from({ length: watchers }, () => watchOf(client));
    await until(() => seen.every(({ isCaughtUp }) => isCaughtUp), "all watch");
    // The first event makes the deployment known to the service.
    await client.createEvent({ event: { deploymentId: "d", type: "deployment.started" } });
    await until(() => seen.every(({ sequence }) => sequence === 1n), "all have seen it");
    const before = proxy.calls.get(readPath) ?? 0;

    for (let sequence = 2n; sequence <= events; sequence += 1n) {
      await client.createEvent({ event: { deploymentId: "d", type: "deployment.progress", message: `${sequence}` } });
      await until(() => seen.every((watch) => watch.sequence === sequence), `all have seen ${sequence}`);
    }

    const reads = (proxy.calls.get(readPath) ?? 0) - before;
    process.stderr.write(`watch reads: ${reads} for ${events - 1} changes with ${watchers} watchers\n`);
    expect(reads).toBeGreaterThan(0);
    // A watcher that was still sending the frame before reads again; the interval's query may find a change first.
    expect(reads).toBeLessThan(events * 2);
  },
);

function watchOf(client: ActivityEventsClient) {
  const seen = { isCaughtUp: false, sequence: 0n };
  const left = new AbortController();
  const watching = (async () => {
    for await (const item of client.watchDeployments({}, left)) {
      if (item.kind === "caughtUp") seen.isCaughtUp = true;
      if (item.kind === "deployments") seen.sequence = item.deployments[0]?.headSequence ?? 0n;
    }
  })();
  atEnd(async () => {
    left.abort();
    await watching;
  });
  return seen;
}
