import { collect } from "@activity-events/testing/collect";
import { expect, test } from "@jest/globals";
import { openWebhooks } from "./open-webhooks.ts";

const [deploymentsCount, failedCount, alertsCount] = [4_000, 100, 2_000];
const beginMs = Date.parse("2026-11-01T00:00:00Z");
const timeAt = (minute: number) => ({ seconds: BigInt(beginMs / 1_000 + minute * 60) });
const textAt = (minute: number) => new Date(beginMs + minute * 60_000).toISOString();
const where = { service: "shop", environment: "production" };

/** A deployment a minute; the last ones have an incident, which another alert may be. */
function* deployments() {
  for (let minute = 0; minute < deploymentsCount; minute += 1) {
    const event = { ...where, deploymentId: `shop-${minute}`, sendTime: timeAt(minute) };
    yield { ...event, eventId: "end", type: "deployment.finished", outcome: 1 };
    if (minute >= deploymentsCount - failedCount) yield { ...event, eventId: "other", type: "incident.opened" };
  }
}

function alertAt(minute: number, number: number) {
  return {
    status: "firing",
    fingerprint: `f-${number}`,
    startsAt: textAt(minute),
    labels: { alertname: "Errors", ...where },
  };
}

test("records 2,000 alerts of a service of 4,000 deployments, also where that takes repetitions", async () => {
  await using webhooks = await openWebhooks();
  await collect(webhooks.client.ingestEvents(deployments()));
  const alerts = Array.from({ length: alertsCount }, (_, number) => alertAt(deploymentsCount + 1, number));
  const recorded = async () =>
    Number((await webhooks.client.getDeployment({ deploymentId: `shop-${deploymentsCount - 1}` })).headSequence) - 2;

  let before = -1;
  let answer = await webhooks.postJson("/alertmanager", { alerts });
  for (; answer.status === 503; answer = await webhooks.postJson("/alertmanager", { alerts })) {
    const now = await recorded();
    expect(now).toBeGreaterThan(before);
    before = Math.max(0, now);
  }

  expect(answer.status).toBeLessThan(300);
  expect(answer.body.events).toHaveLength(alertsCount);
  expect(await recorded()).toBe(alertsCount);
});
