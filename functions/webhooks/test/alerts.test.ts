import { collect } from "@activity-events/testing/collect";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type OpenWebhooks, openWebhooks } from "./open-webhooks.ts";

let webhooks: OpenWebhooks;
beforeAll(async () => {
  webhooks = await openWebhooks();
});
afterAll(async () => {
  await webhooks[Symbol.asyncDispose]();
});

/** Records a deployment of a service that finished at a minute of one hour. */
async function deployed(service: string, id: string, minute: number): Promise<void> {
  const sendTime = { seconds: BigInt(Date.parse("2026-11-20T10:00:00Z") / 1_000 + minute * 60) };
  const event = { deploymentId: id, eventId: "end", type: "deployment.finished", outcome: 1, sendTime };
  await webhooks.client.createEvent({ event: { ...event, service, environment: "production" } });
}

const minuteText = (minute: number) => `2026-11-20T10:${String(minute).padStart(2, "0")}:00.5Z`;

function alert(service: string, startMinute: number, endMinute?: number) {
  const isOver = endMinute !== undefined;
  return {
    status: isOver ? "resolved" : "firing",
    fingerprint: `f-${service}`,
    startsAt: minuteText(startMinute),
    endsAt: isOver ? minuteText(endMinute) : "0001-01-01T00:00:00Z",
    labels: { alertname: "Errors", service, environment: "production" },
    annotations: { summary: `value ${Math.random()}` },
  };
}
const notify = (...alerts: readonly object[]) => webhooks.postJson("/alertmanager", { version: "4", alerts });
const eventIds = async (id: string) => (await webhooks.events(id)).map(({ type }) => type);

test("an alert belongs to the deployment that was in place when it began", async () => {
  await deployed("shop", "shop-1", 1);
  await deployed("shop", "shop-2", 20);
  await deployed("shop", "shop-3", 40);

  expect((await notify(alert("shop", 30))).status).toBe(201);

  expect(await eventIds("shop-2")).toEqual(["deployment.finished", "incident.opened"]);
  const { failureTime, incidentTime } = await webhooks.client.getDeployment({ deploymentId: "shop-2" });
  expect(failureTime).toEqual(incidentTime);
  expect(Number(failureTime?.seconds)).toBe(Date.parse("2026-11-20T10:30:00Z") / 1_000);
});

test("its end belongs where its beginning is, whatever was deployed or filled in since", async () => {
  await deployed("cart", "cart-1", 1);
  await notify(alert("cart", 30));
  // Closer to the alert than the first.
  await deployed("cart", "cart-filled-in", 25);
  // The first runs again, so that it has no end any more.
  const sendTime = { seconds: BigInt(Date.parse("2026-11-20T10:50:00Z") / 1_000) };
  await webhooks.client.createEvent({ event: { deploymentId: "cart-1", type: "deployment.started", sendTime } });

  const again = await notify(alert("cart", 30));
  const over = await notify(alert("cart", 30, 45));

  expect([again.status, over.status]).toEqual([200, 201]);
  expect(await eventIds("cart-1")).toEqual([
    "deployment.finished",
    "incident.opened",
    "deployment.started",
    "incident.resolved",
  ]);
  expect(await eventIds("cart-filled-in")).toEqual(["deployment.finished"]);
});

test("an end without a beginning brings it along, and repeats are duplicates whatever their annotations say", async () => {
  await deployed("mail", "mail-1", 1);

  const answers = [await notify(alert("mail", 30, 45)), await notify(alert("mail", 30, 45))];

  expect(answers.map(({ status }) => status)).toEqual([201, 200]);
  expect(await eventIds("mail-1")).toEqual(["deployment.finished", "incident.opened", "incident.resolved"]);
});

test("takes the alerts that it can place, and ignores the others with a reason", async () => {
  await deployed("search", "search-1", 20);
  const unlabelled = { ...alert("search", 30), labels: { alertname: "Watchdog" } };

  const mixed = await notify(unlabelled, alert("search", 10), { ...alert("search", 30), fingerprint: "second" });
  const none = await notify(unlabelled);

  expect(mixed.status).toBe(201);
  expect(mixed.body.ignored).toContain("search in production");
  expect(await eventIds("search-1")).toEqual(["deployment.finished", "incident.opened"]);
  expect(none).toMatchObject({ status: 200, body: { ignored: expect.any(String) } });
});

test("finds the beginning of an alert in a long history, too", async () => {
  await deployed("blog", "blog-1", 1);
  await notify(alert("blog", 30));
  const progress = Array.from({ length: 300 }, (_, index) => ({ deploymentId: "blog-1", eventId: `e-${index}` }));
  await collect(webhooks.client.ingestEvents(progress.map((event) => ({ ...event, type: "deployment.progress" }))));
  await deployed("blog", "blog-filled-in", 25);

  const over = await notify(alert("blog", 30, 45));

  expect(over.status).toBe(201);
  expect((await eventIds("blog-1")).at(-1)).toBe("incident.resolved");
  expect(await eventIds("blog-filled-in")).toEqual(["deployment.finished"]);
});

test.each<[string, object, string]>([
  ["a time that is none", { ...alert("bad", 30), startsAt: "yesterday" }, "alerts[1].startsAt"],
  ["no fingerprint", { ...alert("bad", 30), fingerprint: undefined }, "alerts[1].fingerprint"],
  ["another status", { ...alert("bad", 30), status: "pending" }, "alerts[1].status"],
  ["no labels", { ...alert("bad", 30), labels: 7 }, "alerts[1].labels"],
  ["nothing in it", [], "alerts[1]"],
])("records the alerts beside one with %s, and names that one", async (name, bad, field) => {
  const service = `beside-${field}`;
  await deployed(service, `${service.replaceAll(/[^a-z]/g, "-")}-1`, 1);
  const good = [alert(service, 30), { ...alert(service, 31), fingerprint: "second" }];

  const answer = await notify(good[0] ?? {}, bad, good[1] ?? {});
  const alone = await notify(bad);

  expect({ name, ...answer }).toMatchObject({ name, status: 400, body: { error: { field } } });
  expect(answer.body.events.map(({ duplicate }: { duplicate: boolean }) => duplicate)).toEqual([false, false]);
  expect(await eventIds(answer.body.events[0].deploymentId)).toHaveLength(3);
  expect(alone).toMatchObject({ status: 400, body: { error: { field: field.replace("[1]", "[0]") } } });
});

test("an incident and a roll-back of CDEvents belong to the deployment that was in place", async () => {
  await deployed("api", "api-1", 1);
  const cdEvent = (id: string, type: string, minute: number, subject: object) => ({
    context: {
      specversion: "0.5.0",
      id,
      source: "urn:acme:ops",
      type: `dev.cdevents.${type}.0.3.0`,
      timestamp: minuteText(minute),
    },
    subject,
  });
  const content = { environment: { id: "production" }, service: { id: "service/api" }, description: "p95 > 2 s" };

  const answers = [
    await webhooks.postJson("/cloudevents", cdEvent("a", "incident.detected", 5, { id: "incident-9", content })),
    await webhooks.postJson("/cloudevents", cdEvent("b", "service.rolledback", 8, { id: "service/api", content })),
  ];
  await deployed("api", "api-2", 9);
  answers.push(
    await webhooks.postJson("/cloudevents", cdEvent("c", "incident.resolved", 10, { id: "incident-9", content })),
  );
  answers.push(
    await webhooks.postJson("/cloudevents", cdEvent("b", "service.rolledback", 8, { id: "service/api", content })),
  );

  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 200]);
  expect(await eventIds("api-1")).toEqual([
    "deployment.finished",
    "incident.opened",
    "deployment.rolledback",
    "incident.resolved",
  ]);
});
