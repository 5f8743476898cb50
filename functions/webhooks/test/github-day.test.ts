import type { Deployment } from "@activity-events/client";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type GithubWebhook, githubDay } from "./github-day.ts";
import { type OpenWebhooks, openWebhooks } from "./open-webhooks.ts";

let webhooks: OpenWebhooks;
let others: OpenWebhooks;
beforeAll(async () => {
  [webhooks, others] = await Promise.all([openWebhooks(), openWebhooks()]);
});
afterAll(async () => {
  await Promise.all([webhooks[Symbol.asyncDispose](), others[Symbol.asyncDispose]()]);
});

/** What of a deployment does not depend on when its events were received. */
function lastingOf(deployments: readonly Deployment[]) {
  return deployments
    .map(({ createTime: _, updateTime: __, historyHash: ___, ...lasting }) => lasting)
    .sort((one, other) => (one.deploymentId < other.deploymentId ? -1 : 1));
}

async function send(to: OpenWebhooks, sent: readonly GithubWebhook[], atOnce: number): Promise<void> {
  const waiting = [...sent];
  const sender = async () => {
    for (let webhook = waiting.shift(); webhook !== undefined; webhook = waiting.shift()) {
      const { status, body } = await to.postGithub(webhook.eventName, webhook.body);
      if (status !== 200 && status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
}

test("a day of GitHub, shuffled and sent twice, makes the same deployments as in order and once", async () => {
  const chance = seededRandom("github-day");
  const day = githubDay(200, chance);
  const shuffled = [...day, ...day];
  for (let at = shuffled.length - 1; at > 0; at -= 1) {
    const other = chance.between(0, at);
    [shuffled[at], shuffled[other]] = [shuffled[other] as GithubWebhook, shuffled[at] as GithubWebhook];
  }

  await send(webhooks, day, 1);
  await send(others, shuffled, 16);

  const inOrder = lastingOf(await webhooks.deployments());
  expect(inOrder).toHaveLength(200);
  expect(new Set(inOrder.map(({ state }) => state)).size).toBeGreaterThan(2);
  expect(lastingOf(await others.deployments())).toEqual(inOrder);
});
