import { once } from "node:events";
import { request } from "node:http";
import { startWebhooks } from "@activity-events/testing/http-process";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import { githubHeaders, openWebhooks, secrets } from "./open-webhooks.ts";

const status = (id: number) => ({
  action: "created",
  deployment_status: { id, state: "success", created_at: "2026-11-20T09:00:00Z", environment: "production" },
  deployment: { id: 41, sha: "0f1e2d3", ref: "v1", environment: "production", created_at: "2026-11-20T08:59:00Z" },
  repository: { full_name: "acme/shop" },
});

test("answers 503 with Retry-After when the service is away, and records once it is there", async () => {
  await using webhooks = await startWebhooks({ service: "127.0.0.1:1", environment: secrets });
  const body = JSON.stringify(status(1));

  const answer = await fetch(`${webhooks.url}/github`, {
    method: "POST",
    headers: githubHeaders("deployment_status", body),
    body,
  });

  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
});

test("answers 503 while the service hangs, and what was sent then is no second event later", async () => {
  await using webhooks = await openWebhooks();
  await webhooks.postGithub("deployment_status", status(1));
  webhooks.service.kill("SIGSTOP");

  const answer = await webhooks.postGithub("deployment_status", status(2));
  webhooks.service.kill("SIGCONT");

  expect(answer.status).toBe(503);
  await until(async () => (await webhooks.postGithub("deployment_status", status(2))).status < 300, "it is recorded");
  const events = await webhooks.events("gh:acme:shop:deployment:41");
  expect(events.map(({ eventId }) => eventId)).toEqual(["created", "status:1", "status:2"]);
});

test("finishes a request that has begun when it is told to stop", async () => {
  await using webhooks = await openWebhooks();
  const body = JSON.stringify(status(1));
  const headers = { ...githubHeaders("deployment_status", body), expect: "100-continue" };
  const answered = Promise.withResolvers<number>();
  const sent = request(`${webhooks.url}/github`, { method: "POST", headers }, (response) => {
    response.resume();
    answered.resolve(response.statusCode ?? 0);
  });
  sent.on("error", answered.reject);
  sent.flushHeaders();
  // The server has the request, and waits for its body.
  await once(sent, "continue");

  webhooks.process.kill("SIGTERM");
  await webhooks.process.line(({ message }) => message === "draining");
  sent.end(body);

  expect(await answered.promise).toBe(201);
  expect(await webhooks.process.ended).toEqual({ code: 0, signal: null });
});

test("refuses settings with a line for each fault", async () => {
  const program = new URL("../src/main.ts", import.meta.url).pathname;
  await using process = new ServiceProcess({
    program,
    environment: {
      WEBHOOKS_PORT: "x",
      ACTIVITY_ADDRESS: "nowhere",
      WEBHOOKS_TOKEN: "token\n",
      WEBHOOKS_OIDC_AUDIENCE: "a",
      WEBHOOKS_OIDC_ISSUER: "http://issuer.example",
      WEBHOOKS_INBOX_TOPIC: "webhook-inbox",
      LOG_LEVEL: "loud",
    },
  });

  expect((await process.ended).code).toBe(2);
  const named = process.errors
    .trim()
    .split("\n")
    .map((line) => line.split(" ")[1]);
  expect(named).toEqual([
    "WEBHOOKS_PORT",
    "ACTIVITY_ADDRESS",
    "WEBHOOKS_TOKEN",
    "WEBHOOKS_OIDC_ISSUER",
    "WEBHOOKS_OIDC_ACCOUNTS",
    "GOOGLE_CLOUD_PROJECT",
    "LOG_LEVEL",
  ]);
});
