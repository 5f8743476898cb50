import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Outcome } from "@activity-events/client";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { settings } from "../src/config/settings.ts";
import { type OpenWebhooks, openWebhooks, secrets } from "./open-webhooks.ts";
import { type PushIssuer, startPushIssuer } from "./push-issuer.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "webhooks.md"), "utf8");
const commands = [...page.matchAll(/^```bash\n(.*?)^```/gms)].map(([, command = ""]) => command);

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

async function run(command: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const environment = { PATH: process.env.PATH, ...secrets, ID_TOKEN: await issuer.token() };
  const here = command.replaceAll("http://127.0.0.1:50090", webhooks.url);
  execFile("bash", ["-euo", "pipefail", "-c", here], { env: environment }, (error, stdout, stderr) =>
    resolve(error === null ? stdout : `${error.message}\n${stdout}${stderr}`),
  );
  return promise;
}

test("each curl of the page records events, and is a duplicate when it is sent again", async () => {
  for (const command of commands) {
    expect(await run(command)).toMatch(/^HTTP\/1.1 201 Created\r\n.*"duplicate":false/s);
    expect(await run(command)).toMatch(/^HTTP\/1.1 200 OK\r\n.*"duplicate":true/s);
  }

  const deployments = await webhooks.deployments();
  expect(deployments.map(({ deploymentId }) => deploymentId).sort()).toEqual([
    "argo:argocd:shop:2026-11-28T10~3A00~3A00Z",
    "cb:acme-prod:build:b1",
    "cd:1:europe-west1:shop:v1-4-2:v1-4-2-to-production-0001",
    "cdevents:~2Fci~2Fshop:run~2F77",
    "gh:acme:shop:deployment:123456",
    "gl:acme:shop:deployment:15",
    "shop-42",
  ]);
  const finished = deployments.filter(({ outcome }) => outcome === Outcome.SUCCESS);
  expect(finished).toHaveLength(6);
  const failed = deployments.filter(({ failureTime }) => failureTime !== undefined);
  expect(failed.map(({ deploymentId }) => deploymentId)).toEqual(["cb:acme-prod:build:b1"]);
});

test("has a curl for every route", () => {
  const routes = new Set([...commands.join("").matchAll(/50090(\/[a-z-]+)/g)].map(([, route]) => route));

  const table = [...page.matchAll(/^\| `(\/[a-z-]+)` \|/gm)].map(([, route]) => route);
  expect([...routes]).toEqual(table);
});

test("names every setting", () => {
  const [, section = ""] = /^## Settings$(.*?)^## /ms.exec(page) ?? [];
  const named = [...section.matchAll(/^\| `([A-Z_]+)`(?:, `([A-Z_]+)`)? \|/gm)].flatMap(([, one, other]) =>
    other === undefined ? [one] : [one, other],
  );

  expect(named).toEqual(settings.map(({ name }) => name));
});

test("its template for Argo CD makes what the route reads", async () => {
  const [, template = ""] = /^ {6}body: \|\n(.*?)^trigger/ms.exec(page) ?? [];
  const operationState = { phase: "Running", startedAt: "2026-11-28T11:00:00Z" };
  const app = {
    metadata: { name: "shop", namespace: "argocd", labels: { environment: "staging" } },
    spec: { project: "default", destination: { namespace: "shop" } },
    status: { operationState },
  };
  const values: Readonly<Record<string, unknown>> = {
    'index (default dict .app.metadata.labels) "environment"': "staging",
    ".context": { argocdUrl: "https://argocd.example" },
  };
  const valueAt = (path: string) =>
    path.split(".").reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>>)[name], { app });

  const body = template.replace(/\{\{ toJson (?:\((.+?)\)|(\S+)) \}\}/g, (_, call, path) => {
    const value = values[call ?? path] ?? valueAt(path.slice(1));
    return JSON.stringify(value);
  });

  const answer = await webhooks.postJson("/argocd", JSON.parse(body));
  expect(answer.status).toBe(201);
  const [event] = await webhooks.events("argo:argocd:shop:2026-11-28T11~3A00~3A00Z");
  expect(event).toMatchObject({ type: "deployment.started", environment: "staging", service: "shop" });
});
