import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { openWebhooks } from "./open-webhooks.ts";

const [webhooksPerSecond, seconds, deploymentsCount] = [500, 30, 1_000];

/** A status of one of many deployments; each fifth is of the same one. */
function statusOf(id: number) {
  const deploymentId = id % 5 === 0 ? 1 : 2 + (id % deploymentsCount);
  const createTime = "2026-11-20T09:00:00Z";
  return {
    action: "created",
    deployment_status: { id, state: "in_progress", created_at: createTime, environment: "production" },
    deployment: { id: deploymentId, sha: "0f1e2d3", ref: "v1", environment: "production", created_at: createTime },
    repository: { full_name: "acme/shop" },
  };
}

test("500 webhooks a second for 30 s on one SQLite store lose none", async () => {
  await using webhooks = await openWebhooks({ service: { STORE: "sqlite" } });
  const sent = new Map<string, Set<string>>();
  const statuses = new Map<number, number>();
  const sendOne = async (id: number) => {
    const body = statusOf(id);
    const deploymentId = `gh:acme:shop:deployment:${body.deployment.id}`;
    // As a sender that repeats what was not taken.
    for (;;) {
      // 0: the connection was lost.
      const status = await webhooks.postGithub("deployment_status", body).then(
        (answer) => answer.status,
        () => 0,
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 201 || status === 200) break;
      await sleep(100);
    }
    const ids = sent.get(deploymentId) ?? new Set(["created"]);
    sent.set(deploymentId, ids.add(`status:${id}`));
  };

  const beginMs = performance.now();
  const sending: Promise<void>[] = [];
  for (let id = 1; id <= webhooksPerSecond * seconds; id += 1) {
    sending.push(sendOne(id));
    const dueMs = beginMs + (id / webhooksPerSecond) * 1_000;
    const waitMs = dueMs - performance.now();
    if (waitMs >= 1) await sleep(waitMs);
  }
  await Promise.all(sending);
  const tookMs = performance.now() - beginMs;
  process.stderr.write(`webhooks: ${Math.round(tookMs)} ms, statuses ${JSON.stringify([...statuses])}\n`);

  const stored = new Map<string, Set<string>>();
  for (const { deploymentId } of await webhooks.deployments()) {
    stored.set(deploymentId, new Set((await webhooks.events(deploymentId)).map(({ eventId }) => eventId)));
  }
  expect(stored).toEqual(sent);
  expect([...stored.values()].reduce((events, ids) => events + ids.size, 0)).toBe(15_000 + sent.size);
});
