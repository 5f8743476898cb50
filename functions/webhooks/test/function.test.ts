import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort } from "@activity-events/testing/free-port";
import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import { githubHeaders, openWebhooks, secrets } from "./open-webhooks.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const framework = join(root, "node_modules", "@google-cloud", "functions-framework", "build", "src", "main.js");

test("functions-framework serves the same webhooks, with the bytes that were signed", async () => {
  await using webhooks = await openWebhooks();
  const { address } = await webhooks.service.line(({ message }) => message === "listening");
  const port = await freePort();
  const source = join(root, "functions", "webhooks");
  const args = [framework, "--target=webhooks", "--signature-type=http", `--source=${source}`, `--port=${port}`];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, NODE_ENV: "production", ACTIVITY_ADDRESS: String(address), ...secrets },
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  const post = (body: string) =>
    fetch(`${url}/github`, { method: "POST", headers: githubHeaders("deployment_status", body), body });
  try {
    await until(
      () =>
        fetch(`${url}/healthz`).then(
          ({ ok }) => ok,
          () => false,
        ),
      "the function answers",
    );
    // With white space that no parser keeps.
    const body = ` {"action":  "created",\n "deployment_status": {"id": 7, "state": "success", "created_at": "2026-11-20T09:00:00Z"},
      "deployment": {"id": 41, "ref": "größer-✨", "created_at": "2026-11-20T08:59:00Z"}, "repository": {"full_name": "acme/shop"}} `;

    expect((await post(body)).status).toBe(201);
    expect((await post(JSON.stringify({ padding: "x".repeat(1_100_000) }))).status).toBe(413);
    expect(await webhooks.events("gh:acme:shop:deployment:41")).toHaveLength(2);
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});
