import { randomUUID } from "node:crypto";
import { freePort } from "@activity-events/testing/free-port";
import { until } from "@activity-events/testing/until";
import { PubSub } from "@google-cloud/pubsub";
import { expect, test } from "@jest/globals";
import { type OpenWebhooks, openWebhooks } from "./open-webhooks.ts";
import { type PushIssuer, startPushIssuer } from "./push-issuer.ts";

const topicName = "webhook-inbox";
const status = (id: number, state: unknown = "success") => ({
  action: "created",
  deployment_status: { id, state, created_at: "2026-11-20T09:00:00Z", environment: "production" },
  deployment: {
    id: 41,
    sha: "0f1e2d3",
    ref: "größer-✨",
    environment: "production",
    created_at: "2026-11-20T08:59:00Z",
  },
  repository: { full_name: "acme/shop" },
});

interface Inbox extends AsyncDisposable {
  readonly webhooks: OpenWebhooks;
  readonly issuer: PushIssuer;
  readonly pubsub: PubSub;
  /** Messages of the topic, as a push would bring them. */
  readonly messages: { readonly data: string; readonly messageId: string }[];
  push(message: object, token?: string): ReturnType<OpenWebhooks["post"]>;
}

/** Opens webhooks with a topic on the emulator, and reads it: the emulator's own pushes carry no token. */
async function openInbox(environment: Readonly<Record<string, string>> = {}): Promise<Inbox> {
  const projectId = `demo-${randomUUID()}`;
  const emulator = process.env.PUBSUB_EMULATOR_HOST ?? "";
  const pubsub = new PubSub({ projectId, apiEndpoint: emulator });
  const [topic] = await pubsub.createTopic(topicName);
  const [subscription] = await topic.createSubscription("read");
  const messages: { data: string; messageId: string }[] = [];
  subscription.on("message", (message) => {
    messages.push({ data: message.data.toString("base64"), messageId: message.id });
    message.ack();
  });
  const issuer = await startPushIssuer();
  const webhooks = await openWebhooks({
    environment: {
      ...issuer.environment,
      WEBHOOKS_INBOX_TOPIC: topicName,
      GOOGLE_CLOUD_PROJECT: projectId,
      PUBSUB_EMULATOR_HOST: emulator,
      METADATA_SERVER_DETECTION: "none",
      ...environment,
    },
  });
  return {
    webhooks,
    issuer,
    pubsub,
    messages,
    push: async (message, token) => {
      const headers = {
        "content-type": "application/json",
        authorization: `Bearer ${token ?? (await issuer.token())}`,
      };
      return webhooks.post("/inbox", {
        headers,
        body: JSON.stringify({ message, subscription: "projects/p/subscriptions/s" }),
      });
    },
    [Symbol.asyncDispose]: async () => {
      await webhooks[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
      await subscription.close();
      await pubsub.close();
    },
  };
}

test("a verified notification is on the topic when it is answered 202, and its push records the same as without an inbox", async () => {
  await using inbox = await openInbox();
  await using direct = await openWebhooks();

  const answer = await inbox.webhooks.postGithub("deployment_status", status(7));

  expect(answer).toMatchObject({ status: 202, body: { kept: "/github" } });
  await until(() => inbox.messages.length === 1, "the topic has the notification");
  expect(await inbox.webhooks.deployments()).toEqual([]);
  const [message = { data: "" }] = inbox.messages;
  expect((await inbox.push(message)).status).toBe(201);
  expect((await inbox.push(message)).status).toBe(200);
  await direct.postGithub("deployment_status", status(7));
  const contents = (webhooks: OpenWebhooks) =>
    webhooks
      .events("gh:acme:shop:deployment:41")
      .then((events) => events.map(({ receiveTime: _, salt: __, ...content }) => content));
  expect(await contents(inbox.webhooks)).toEqual(await contents(direct));
});

test("CloudEvents pass the inbox with their headers", async () => {
  await using inbox = await openInbox();
  const headers = {
    authorization: "Bearer a-token",
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "/ci",
    "ce-type": "deployment.started",
    "ce-subject": "shop-1",
    "content-type": "application/json",
  };

  expect((await inbox.webhooks.post("/cloudevents", { headers, body: '{"service": "shop"}' })).status).toBe(202);

  await until(() => inbox.messages.length === 1, "the topic has the notification");
  const [message = { data: "" }] = inbox.messages;
  expect(Buffer.from(message.data, "base64").toString()).not.toContain("a-token");
  expect((await inbox.push(message)).status).toBe(201);
  expect(await inbox.webhooks.events("shop-1")).toMatchObject([{ type: "deployment.started", service: "shop" }]);
});

test("the largest notification fits into a push", async () => {
  await using inbox = await openInbox();
  const body = { ...status(7), padding: "x".repeat(1_048_000) };

  expect((await inbox.webhooks.postGithub("deployment_status", body)).status).toBe(202);

  await until(() => inbox.messages.length === 1, "the topic has the notification");
  expect((await inbox.push(inbox.messages[0] ?? {})).status).toBe(201);
});

test("what is forged stays out, and what cannot be mapped is refused each time", async () => {
  await using inbox = await openInbox();
  const unmappable = status(7, 5);

  const forged = await inbox.webhooks.post("/github", {
    headers: { "content-type": "application/json", "x-github-event": "ping", "x-hub-signature-256": "sha256=0" },
    body: "{}",
  });
  expect(forged.status).toBe(401);
  expect((await inbox.webhooks.postGithub("deployment_status", unmappable)).status).toBe(202);

  await until(() => inbox.messages.length === 1, "the topic has the notification");
  const [message = { data: "" }] = inbox.messages;
  expect((await inbox.push(message, "forged")).status).toBe(401);
  expect((await inbox.push(message)).body.error.field).toBe("deployment_status.state");
  for (const data of ["", "e30=", Buffer.from('{"route": "/inbox", "headers": {}, "body": ""}').toString("base64")]) {
    expect((await inbox.push({ data })).status).toBe(400);
  }
});

test("answers 503 while the topic is away", async () => {
  await using inbox = await openInbox({ PUBSUB_EMULATOR_HOST: `127.0.0.1:${await freePort()}` });

  const answer = await inbox.webhooks.postGithub("deployment_status", status(7));

  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
});

test("pushes of Pub/Sub itself need no inbox", async () => {
  await using inbox = await openInbox();
  const build = { id: "b1", projectId: "p", status: "WORKING", startTime: "2026-11-28T10:00:00Z" };
  const body = JSON.stringify({ message: { data: Buffer.from(JSON.stringify(build)).toString("base64") } });
  const headers = { "content-type": "application/json", authorization: `Bearer ${await inbox.issuer.token()}` };

  expect((await inbox.webhooks.post("/cloud-build", { headers, body })).status).toBe(201);
});
