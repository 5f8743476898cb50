import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ActivityEventsClient } from "@activity-events/client";
import type { ListDeploymentsResponseJson } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { type RunningService, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { startGuardedPage } from "./guarded-page.ts";
import { LiveClient } from "./live-client.ts";

const bindings = `
  - { role: reader, members: ["user:mira@example.com"], prefixes: ["shop:"] }
`;

/** Starts a service in whose store the head of `billing:1`, the newest but one, is damaged. */
async function startDamaged(dataDir: string): Promise<RunningService> {
  const before = await startService({ dataDir });
  const client = new ActivityEventsClient({ address: before.address, tls: false });
  for (const deploymentId of ["shop:1", "billing:1", "shop:2"])
    await client.createEvent({ event: { deploymentId, type: "deployment.started" } });
  client.close();
  before.signal("SIGTERM");
  await before.exited;
  using database = new DatabaseSync(join(dataDir, "events.db"));
  const number = "(SELECT number FROM deployments WHERE deployment_id = 'billing:1')";
  database.exec(`UPDATE heads SET head_sequence = 69 WHERE deployment = ${number}`);
  return startService({ dataDir });
}

test("a damaged deployment is named to who may read it, and is not there for others", async () => {
  using folder = temporaryFolder();
  const service = await startDamaged(folder.path);
  await using page = await startGuardedPage({ service: service.address, bindings });
  const [mira, ada] = [await page.bearer("mira@example.com"), await page.bearer("ada@example.com")];
  const read = async (authorization: string) => {
    const texts: string[] = [];
    for (let token: string | undefined = ""; token !== undefined; ) {
      const query = `page_size=1&page_token=${token}`;
      const answer = await fetch(`${page.url}/api/deployments?${query}`, { headers: { authorization } });
      const text = await answer.text();
      texts.push(text);
      token = (JSON.parse(text) as ListDeploymentsResponseJson).nextPageToken;
    }
    return texts;
  };
  const heard = async (authorization: string) => {
    using live = new LiveClient(page.url, { authorization });
    await live.opened();
    live.subscribe({ subscription: "s", deployments: {} });
    await live.caughtUp("s");
    return live.frames.map((frame) => JSON.stringify(frame)).join("\n");
  };

  const [hers, all] = [await read(mira), await read(ada)];
  const [hersLive, allLive] = [await heard(mira), await heard(ada)];

  expect(hers.flatMap((text) => [...text.matchAll(/"deploymentId":"([^"]+)"/g)].map(([, id]) => id))).toEqual([
    "shop:2",
    "shop:1",
  ]);
  expect(hers.join("\n")).not.toContain("billing");
  expect(all.at(-1)).toMatch(/DATA_LOSS.*billing:1/);
  expect(hersLive).not.toContain("billing");
  expect(allLive).toContain('"damaged":{"deploymentIds":["billing:1"]}');
  await service.kill();
});
