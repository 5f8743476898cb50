import { createHmac } from "node:crypto";
import { join } from "node:path";
import { ActivityEventsClient, Outcome } from "@activity-events/client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { HTTP } from "cloudevents";
import { startReceiver } from "./receiver.ts";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

/** Records a deployment, has it forwarded, and returns what a target received. */
async function forwarded(to: (url: string) => readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  await using receiver = await startReceiver();
  const client = new ActivityEventsClient({ address, tls: false });
  const deploymentId = "release-42";
  const start = { type: "deployment.started", service: "shop", environment: "production", revision: "1.4.2" };
  const sendTime = { seconds: 1_795_000_000n, nanos: 5_000_000 };
  const end = { type: "deployment.finished", outcome: Outcome.SUCCESS, message: `<all> & "größer" %`, sendTime };
  await client.batchCreateEvents({ deploymentId, events: [start, { eventId: "end", ...end }] });
  client.close();
  const cursor = join(temporaryFolder().path, "cursor");
  const args = ["forward", "--cursor", cursor, "--from-start", "--no-follow", ...to(receiver.url)];
  expect(await runClient({ args, address, environment })).toMatchObject({ exitCode: 0, errors: "" });
  return receiver.received.map(({ path, headers, body }) => ({ path, headers, body, json: JSON.parse(body) }));
}

test("CloudEvents are read by the library of CloudEvents", async () => {
  const [, end] = await forwarded((url) => ["--to", "cloudevents", "--url", `${url}/events?a=b`], {
    FORWARD_TOKEN: "t0ken",
  });

  const event = HTTP.toEvent({ headers: { ...end?.headers }, body: end?.body });
  expect(event).toMatchObject({
    id: "end",
    source: "//activityevents/deployments/release-42",
    type: "deployment.finished",
    subject: "release-42",
    sequence: "2",
    data: { eventId: "end", outcome: "OUTCOME_SUCCESS", message: `<all> & "größer" %` },
  });
  expect(end?.path).toBe("/events?a=b");
  expect(end?.headers.authorization).toBe("Bearer t0ken");
});

test("JSON is signed, so that a receiver knows who sent it, and has an id by which it knows a repetition", async () => {
  const [, end] = await forwarded((url) => ["--to", url], { FORWARD_SECRET: "whsec_c2VjcmV0" });

  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } = end?.headers ?? {};
  expect(id).toBe("release-42/end");
  const signed = createHmac("sha256", "secret").update(`${id}.${timestamp}.${end?.body}`).digest("base64");
  expect(signature).toBe(`v1,${signed}`);
});

test("Slack gets a line whose signs are no markup, with what the first event said", async () => {
  const [start, end] = await forwarded((url) => ["--to", "slack", "--url", `${url}/services/T0/B0/x`]);

  expect(start).toMatchObject({
    path: "/services/T0/B0/x",
    json: { text: "shop 1.4.2 → production: deployment.started (release-42)" },
  });
  expect(end?.json).toEqual({
    text: `✅ shop 1.4.2 → production: deployment.finished SUCCESS (release-42): &lt;all&gt; &amp; "größer" %`,
  });
});

test("Google Chat gets a thread for each deployment, and no mention", async () => {
  const template = ["--template", "{service} {outcome} {message}"];
  const [, end] = await forwarded((url) => [
    "--to",
    "google-chat",
    "--url",
    `${url}/v1/spaces/A/messages?key=k`,
    ...template,
  ]);

  expect(end).toMatchObject({
    path: "/v1/spaces/A/messages?key=k&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD",
    json: { text: `shop SUCCESS ‹all› & "größer" %`, thread: { threadKey: "release-42" } },
  });
});

test("Grafana gets an annotation at the time of the event, below the path of the installation", async () => {
  const [, end] = await forwarded((url) => ["--to", "grafana", "--url", `${url}/grafana/`], {
    FORWARD_TOKEN: "glsa_1",
  });

  expect(end).toMatchObject({
    path: "/grafana/api/annotations",
    json: {
      time: 1_795_000_000_005,
      tags: ["deployment", "deployment.finished", "production", "shop", "success"],
      text: expect.stringContaining("shop 1.4.2 → production"),
    },
  });
  expect(end?.headers.authorization).toBe("Bearer glsa_1");
});
