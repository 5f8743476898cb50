import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { ActivityEventsClient } from "../../src/index.ts";
import { openUnreliableProxy } from "./unreliable-proxy.ts";

const left = new AbortController();
const clients: ActivityEventsClient[] = [];

afterEach(async () => {
  left.abort();
  for (const client of clients) client.close();
  await cleanUp();
});

function connect(address: string): ActivityEventsClient {
  const client = new ActivityEventsClient({ address, tls: false });
  clients.push(client);
  return client;
}

test("followers and watchers leave a connection that has fallen silent, long before its keepalive fails", async () => {
  const service = await startService({ dataDir: temporaryFolder().path, environment: { HEARTBEAT_SECONDS: "1" } });
  await using proxy = await openUnreliableProxy(service.port, [{ afterBytes: 6_000, kind: "freeze", stallMs: 0 }]);
  const direct = connect(service.address);
  const client = connect(proxy.address);
  const record = (message: string) => direct.createEvent({ event: { deploymentId: "d", type: "test.run", message } });
  await record("first");
  const followed: string[][] = [[], [], []];
  const followers = followed.map(async (messages) => {
    for await (const item of client.followEvents({ deploymentId: "d" }, left)) {
      if (item.kind === "event") messages.push(item.event.message);
    }
  });
  let watched = 0n;
  const watcher = (async () => {
    for await (const item of client.watchDeployments({}, left)) {
      if (item.kind === "deployments") watched = item.deployments[0]?.headSequence ?? 0n;
    }
  })();
  await until(() => followed.every(({ length }) => length === 1) && watched === 1n, "all see the first event");
  await until(() => proxy.frozen === 1, "the heartbeats have used up what gets through");

  await record("second");

  await until(() => followed.every(({ length }) => length === 2) && watched === 2n, "all see the second event");
  expect(followed).toEqual([1, 2, 3].map(() => ["first", "second"]));
  // The keepalive has not failed yet, and the others went along with the first that left.
  expect({ frozen: proxy.frozen, connections: proxy.connections }).toEqual({ frozen: 1, connections: 2 });
  left.abort();
  await Promise.all([...followers, watcher]);
});
