import { ActivityEventsClient, type Deployment, DeploymentSchema } from "@activity-events/client";
import type { DeploymentJson } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { collect } from "@activity-events/testing/collect";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { toJson } from "@bufbuild/protobuf";
import { afterEach, expect, jest, test } from "@jest/globals";
import { limits } from "../src/limits.ts";
import type { Subscribe } from "../src/live/live-messages.ts";
import { LiveClient } from "./live-client.ts";
import { openPage, type TestPage } from "./page-server.ts";

// On a busy machine each start of the service takes long.
jest.setTimeout(900_000);

afterEach(cleanUp);

const random = seededRandom("live");

const filters: readonly { readonly subscribe: Subscribe; readonly shows: (head: Deployment) => boolean }[] = [
  { subscribe: { subscription: "all", deployments: {} }, shows: () => true },
  {
    subscribe: { subscription: "prod", deployments: { filter: { environment: "prod" } } },
    shows: ({ environment }) => environment === "prod",
  },
  {
    subscribe: { subscription: "running", deployments: { filter: { state: "DEPLOYMENT_STATE_RUNNING" } } },
    shows: ({ state }) => state === 2,
  },
];

/** A page that comes back by itself whenever its socket is closed, as the real one does. */
class ReturningPage {
  live: LiveClient;
  readonly #url: () => string;

  constructor(url: () => string) {
    this.#url = url;
    this.live = this.#connect();
  }

  /** Comes back if the socket was closed. */
  look(): void {
    if (this.live.closed !== undefined) this.live = this.#connect();
  }

  #connect(): LiveClient {
    const live = new LiveClient(this.#url());
    const subscribe = () => {
      for (const { subscribe } of filters) live.subscribe(subscribe);
    };
    live.opened().then(subscribe, () => {});
    return live;
  }
}

test("a page ends with exactly what is stored, whatever is killed and restarted meanwhile", async () => {
  const options = { dataDir: temporaryFolder().path, port: await freePort() };
  const pagePort = await freePort();
  let service = await startService(options);
  let page: TestPage = await openPage({ service: service.address, port: pagePort });
  const viewers = Array.from({ length: 3 }, () => new ReturningPage(() => page.url));
  const writer = new ActivityEventsClient({ address: service.address, tls: false });
  const mishaps = { "service killed": 0, "page's server restarted": 0, "socket closed": 0 };

  for (let step = 0; step < 400; step += 1) {
    for (const viewer of viewers) viewer.look();
    const chance = random.between(0, 99);
    if (chance === 0) {
      mishaps["service killed"] += 1;
      await service.kill();
      service = await startService(options);
    } else if (chance === 1) {
      mishaps["page's server restarted"] += 1;
      await page.end();
      page = await openPage({ service: service.address, port: pagePort });
    } else if (chance < 5) {
      mishaps["socket closed"] += 1;
      random.pick(viewers).live.close();
    }
    await writer.createEvent({ event: randomEvent() }, { timeoutMs: 60_000 });
  }

  const stored = await collect(writer.listDeployments({ pageSize: 1_000 }));
  for (const viewer of viewers) {
    for (const { subscribe, shows } of filters) {
      const wanted = new Map(stored.filter(shows).map((head) => [head.deploymentId, toJson(DeploymentSchema, head)]));
      await until(
        () => {
          viewer.look();
          return isSame(viewer.live.shown(subscribe.subscription), wanted);
        },
        `${subscribe.subscription} shows what is stored after ${JSON.stringify(mishaps)}`,
      );
    }
  }
  process.stderr.write(`live: ${JSON.stringify(mishaps)}, ${stored.length} deployments\n`);
  for (const { live } of viewers) live.close();
  writer.close();
  await page.end();
  expect(stored.length).toBeGreaterThan(0);
});

test("a page is shown more deployments at once than may wait for it", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  await using page = await openPage({ service: service.address });
  const client = new ActivityEventsClient({ address: service.address, tls: false });
  using live = new LiveClient(page.url);
  await live.opened();
  live.subscribe({ subscription: "s", deployments: {} });
  await live.caughtUp("s");

  const deployments = limits.dirtyDeploymentsMax + 2_000;
  const events = Array.from({ length: deployments }, (_, n) => ({
    deploymentId: `d-${n}`,
    type: "deployment.started",
  }));
  for await (const { kind } of client.ingestEvents(events)) expect(kind).toBe("stored");

  await until(() => live.shown("s").size === deployments, "all are shown");
  client.close();
});

function randomEvent() {
  const deploymentId = `d-${random.between(0, 30)}`;
  const environment = random.pick(["prod", "staging", ""]);
  const service = random.pick(["api", "web", ""]);
  return random.pick([
    { deploymentId, environment, service, type: "deployment.started" },
    { deploymentId, environment, service, type: "deployment.progress", message: "half" },
    { deploymentId, environment, service, type: "deployment.finished", outcome: random.pick([1, 2]) },
    { deploymentId, type: "deployment.rolledback" },
  ]);
}

function isSame(shown: ReadonlyMap<string, DeploymentJson>, wanted: ReadonlyMap<string, unknown>): boolean {
  if (shown.size !== wanted.size) return false;
  return [...wanted].every(([id, head]) => JSON.stringify(shown.get(id)) === JSON.stringify(head));
}
