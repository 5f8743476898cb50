import { request } from "node:http";
import { until } from "@activity-events/testing/until";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { githubHeaders, type OpenWebhooks, openWebhooks, secrets } from "./open-webhooks.ts";
import { type PushIssuer, startPushIssuer } from "./push-issuer.ts";

const status = (id: number | string, state: unknown, more: object = {}) => ({
  action: "created",
  deployment_status: { id, state, created_at: "2026-11-20T09:00:00Z", environment: "production" },
  deployment: { id: 41, sha: "0f1e2d3", ref: "v1", environment: "production", created_at: "2026-11-20T08:59:00Z" },
  repository: { full_name: "acme/shop" },
  ...more,
});
const cloudEvent = (more: object = {}) => ({
  specversion: "1.0",
  id: "1",
  source: "/ci",
  type: "deployment.started",
  subject: "shop-1",
  ...more,
});

let issuer: PushIssuer;
let webhooks: OpenWebhooks;
beforeAll(async () => {
  issuer = await startPushIssuer();
  webhooks = await openWebhooks({ environment: issuer.environment });
});
afterAll(async () => {
  await webhooks[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

test.each([
  ["no signature", { "x-hub-signature-256": "" }],
  ["a signature of another body", { "x-hub-signature-256": githubHeaders("ping", "{}")["x-hub-signature-256"] ?? "" }],
  ["half a signature", { "x-hub-signature-256": "sha256=" }],
  ["GitHub's old signature", { "x-hub-signature-256": "", "x-hub-signature": "sha1=0" }],
])("refuses a webhook with %s, and records nothing", async (_, headers) => {
  const body = JSON.stringify(status(1, "success", { repository: { full_name: "acme/forged" } }));

  const answer = await webhooks.post("/github", {
    headers: { ...githubHeaders("deployment_status", body), ...headers },
    body,
  });

  expect(answer.status).toBe(401);
  expect(await webhooks.deployments()).not.toContainEqual(expect.objectContaining({ service: "forged" }));
});

test.each([
  ["/gitlab", { "x-gitlab-token": "gitlab-toke" }],
  ["/gitlab", {}],
  ["/argocd", { authorization: "Bearer a-toke" }],
  ["/argocd", { authorization: "Basic a-token" }],
  ["/argocd", { authorization: "Bearer a-token, Bearer a-token" }],
  ["/alertmanager", {}],
  ["/cloudevents", {}],
  ["/cloud-build", { authorization: `Bearer ${secrets.WEBHOOKS_TOKEN}` }],
])("refuses a request to %s with %j", async (path, headers) => {
  const answer = await webhooks.post(path, { headers: { "content-type": "application/json", ...headers }, body: "{}" });

  expect(answer).toMatchObject({ status: 401, body: { error: { message: expect.any(String) } } });
});

test.each([
  ["another account", { email: "mallory@example.com" }],
  ["an account that was not verified", { emailVerified: false }],
  ["another audience", { audience: "https://other.example" }],
  ["another issuer", { issuer: "https://accounts.google.com" }],
  ["another key", { isForged: true }],
  ["no time left", { lastsSeconds: -3_600 }],
])("refuses a push with a token of %s", async (_, claims) => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${await issuer.token(claims)}` };

  expect((await webhooks.post("/cloud-deploy", { headers, body: "{}" })).status).toBe(401);
});

test("takes CloudEvents by a push account as well as by the token", async () => {
  const headers = {
    "content-type": "application/cloudevents+json",
    authorization: `Bearer ${await issuer.token()}`,
  };

  const answer = await webhooks.post("/cloudevents", {
    headers,
    body: JSON.stringify(cloudEvent({ subject: "pushed" })),
  });

  expect(answer.status).toBe(201);
});

test.each([
  ["/github", '{"action": "created", "deployment_status": {', ""],
  ["/github", "", ""],
  ["/github", "[]", ""],
  ["/github", "null", ""],
  ["/github", "1e999", ""],
  ["/github", `${"[".repeat(400_000)}`, ""],
  ["/github", JSON.stringify({ ...status(1, "success"), deployment_status: 7 }), "deployment_status"],
  ["/github", JSON.stringify(status("x", "success")), "deployment_status.id"],
  ["/github", JSON.stringify(status(-1, "success")), "deployment_status.id"],
  ["/github", JSON.stringify(status(1.5, "success")), "deployment_status.id"],
  ["/github", JSON.stringify(status(1, ["success"])), "deployment_status.state"],
  ["/github", JSON.stringify({ ...status(1, "success"), repository: { full_name: "shop" } }), "repository.full_name"],
  [
    "/github",
    JSON.stringify({ ...status(1, "success"), repository: { full_name: "acme/\ud800" } }),
    "repository.full_name",
  ],
  [
    "/github",
    JSON.stringify({
      ...status(1, "success"),
      deployment_status: { id: 1, state: "success", created_at: "yesterday" },
    }),
    "deployment_status.created_at",
  ],
  ["/gitlab", '{"object_kind": 1}', "object_kind"],
  [
    "/argocd",
    '{"app": {"metadata": {}, "status": {"operationState": {"phase": "Running"}}}}',
    "app.status.operationState.startedAt",
  ],
  ["/alertmanager", '{"alerts": {}}', "alerts"],
  ["/alertmanager", '{"alerts": [{"labels": {"service": "s", "env": "e"}, "status": "new"}]}', "alerts[0].status"],
  ["/cloudevents", JSON.stringify(cloudEvent({ specversion: "0.3" })), "specversion"],
  ["/cloudevents", JSON.stringify(cloudEvent({ subject: undefined })), "subject"],
  ["/cloudevents", JSON.stringify(cloudEvent({ time: "2026-13-01T00:00:00Z" })), "time"],
  ["/cloudevents", JSON.stringify(cloudEvent({ type: "activityevents.redacted" })), "type"],
  ["/cloudevents", JSON.stringify(cloudEvent({ type: "deployment.finished" })), "data.outcome"],
  ["/cloudevents", JSON.stringify(cloudEvent({ data: { outcome: "SUCCESS" } })), "data.outcome"],
  ["/cloudevents", JSON.stringify(cloudEvent({ data: { enviroment: "production" } })), "data.enviroment"],
  ["/cloudevents", JSON.stringify(cloudEvent({ data: { service: 5 } })), "data.service"],
  ["/cloudevents", JSON.stringify(cloudEvent({ data: { severity: "LOUD" } })), "data.severity"],
  ["/cloudevents", JSON.stringify(cloudEvent({ data: "text" })), "data"],
])("answers 400 to %s for %.60s, naming %s", async (path, body, field) => {
  const headers =
    path === "/github"
      ? githubHeaders("deployment_status", body)
      : {
          "content-type": path === "/cloudevents" ? "application/cloudevents+json" : "application/json",
          authorization: `Bearer ${secrets.WEBHOOKS_TOKEN}`,
          "x-gitlab-token": secrets.WEBHOOKS_GITLAB_TOKEN,
        };

  const answer = await webhooks.post(path, { headers, body });

  expect(answer.status).toBe(400);
  expect(answer.body.error.field ?? "").toBe(field);
});

test.each([
  ["ping", { zen: "Design for failure." }],
  ["push", { ref: "refs/heads/main" }],
  ["deployment_status", status(1, "sideways")],
  ["deployment_status", { ...status(1, "success"), action: "edited" }],
  ["workflow_run", { action: "completed", workflow_run: { name: "Tests", path: ".github/workflows/test.yml" } }],
])("ignores %s, with a reason", async (eventName, body) => {
  const answer = await webhooks.postGithub(eventName, body);

  expect(answer).toMatchObject({ status: 200, body: { ignored: expect.any(String) } });
});

test("answers 413 to a body of more than 1 MiB, announced or not, and goes on", async () => {
  const body = JSON.stringify({ padding: "x".repeat(2 * 1024 * 1024) });

  expect((await webhooks.postGithub("ping", body)).status).toBe(413);

  expect(await postChunked(body)).toBe(413);
  expect((await webhooks.postGithub("ping", JSON.stringify({ padding: "x".repeat(1_000_000) }))).status).toBe(200);
});

/** Sends a body without telling its length. */
function postChunked(body: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request(
    `${webhooks.url}/github`,
    { method: "POST", headers: githubHeaders("ping", body) },
    (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    },
  );
  // The answer comes before the body is sent, and then the connection ends.
  sent.on("error", reject);
  for (let at = 0; at < body.length; at += 65_536) sent.write(body.slice(at, at + 65_536));
  sent.end();
  return promise;
}

test("answers 404, 405 and 415 where they fit", async () => {
  expect((await webhooks.post("/bitbucket", { body: "{}" })).status).toBe(404);
  const got = await fetch(`${webhooks.url}/github`);
  expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
  const text = { ...githubHeaders("ping", "{}"), "content-type": "text/plain" };
  expect((await webhooks.post("/github", { headers: text, body: "{}" })).status).toBe(415);
  const compressed = { ...githubHeaders("ping", "{}"), "content-encoding": "gzip" };
  expect((await webhooks.post("/github", { headers: compressed, body: "{}" })).status).toBe(415);
  expect((await fetch(`${webhooks.url}/healthz`)).status).toBe(200);
});

test("reads GitHub's form as it reads JSON", async () => {
  const body = new URLSearchParams({ payload: JSON.stringify(status(2, "in_progress")) }).toString();
  const headers = {
    ...githubHeaders("deployment_status", body),
    "content-type": "application/x-www-form-urlencoded",
  };

  expect((await webhooks.post("/github", { headers, body })).status).toBe(201);
});

test("answers 201 for what is new, 200 for what is there, and 409 for other content under the same id", async () => {
  const repository = { full_name: "acme/repeated" };
  const first = status(5, "success", { repository });

  const answers = [
    await webhooks.postGithub("deployment_status", first),
    await webhooks.postGithub("deployment_status", first),
  ];
  const other = await webhooks.postGithub("deployment_status", status(5, "failure", { repository }));

  expect(answers.map(({ status }) => status)).toEqual([201, 200]);
  expect(answers[1]?.body.events).toEqual([
    { deploymentId: "gh:acme:repeated:deployment:41", eventId: "created", sequence: "1", duplicate: true },
    { deploymentId: "gh:acme:repeated:deployment:41", eventId: "status:5", sequence: "2", duplicate: true },
  ]);
  expect(other.status).toBe(409);
  expect(other.body.events[1]).toMatchObject({ eventId: "status:5", refused: { reason: "EVENT_ID_CONFLICT" } });
});

test("keeps the first of what a tool writes anew each time", async () => {
  const sync = (message: string) => ({
    app: {
      metadata: { name: "kept", namespace: "argocd" },
      spec: { destination: { namespace: "shop" } },
      status: { operationState: { phase: "Failed", startedAt: "2026-11-22T11:00:00Z", message } },
    },
  });

  const answers = [await webhooks.postJson("/argocd", sync("one")), await webhooks.postJson("/argocd", sync("other"))];

  expect(answers.map(({ status }) => status)).toEqual([201, 200]);
  expect(answers[1]?.body).toEqual({ ignored: "failed: EVENT_ID_CONFLICT" });
});

test("says which routes are off, and how to turn them on", async () => {
  await using bare = await openWebhooks({ environment: { WEBHOOKS_GITHUB_SECRET: "", WEBHOOKS_TOKEN: "" } });

  const answer = await bare.postGithub("ping", {});

  expect(answer).toMatchObject({
    status: 404,
    body: { error: { message: expect.stringContaining("WEBHOOKS_GITHUB_SECRET") } },
  });
  const { routes, off } = await bare.process.line(({ message }) => message === "listening");
  expect([routes, off]).toEqual([
    "/cloudevents /gitlab",
    "/github /argocd /alertmanager /cloud-build /cloud-deploy /cloud-monitoring",
  ]);
});

test("without a token CloudEvents are open to programs of this machine, not to web pages", async () => {
  await using open = await openWebhooks({ environment: { WEBHOOKS_TOKEN: "" } });
  const body = JSON.stringify(cloudEvent());
  const headers = { "content-type": "application/cloudevents+json" };

  expect((await open.post("/cloudevents", { headers, body })).status).toBe(201);
  expect(
    (await open.post("/cloudevents", { headers: { ...headers, origin: "https://evil.example" }, body })).status,
  ).toBe(401);
  expect(await statusOfHost(open.url, "evil.example", body)).toBe(401);
});

/** Posts under another name of the host, as a page does whose name points to this machine. */
function statusOfHost(url: string, host: string, body: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = { host, "content-type": "application/cloudevents+json" };
  const sent = request(`${url}/cloudevents`, { method: "POST", headers }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

test("answers 503 to a push while the issuer's keys cannot be read", async () => {
  await using away = await startPushIssuer();
  await using closed = await openWebhooks({ environment: away.environment });
  const headers = { "content-type": "application/json", authorization: `Bearer ${await away.token()}` };
  away.leave();

  const answer = await closed.post("/cloud-build", { headers, body: "{}" });

  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
});

test("tells nothing secret in its log", async () => {
  await webhooks.postGithub("ping", {});
  await until(() => webhooks.process.log.some(({ message }) => message === "webhook"), "a webhook is logged");

  const log = webhooks.process.output.join("\n");
  for (const secret of Object.values(secrets)) expect(log).not.toContain(secret);
});
