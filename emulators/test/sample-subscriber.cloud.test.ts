import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PubSub } from "@google-cloud/pubsub";
import { expect, test } from "@jest/globals";
import { randomProjectId } from "../src/random-project-id.ts";

const script = join(import.meta.dirname, "..", "src", "sample-subscriber.ts");

interface Init {
  readonly mark?: Readonly<Record<string, string>>;
  readonly reason?: string;
  readonly data?: object;
}

test("prints each event once and in order, gaps, tombstones, redactions and purges too, and stops when it is told to", async () => {
  const projectId = randomProjectId();
  const pubsub = new PubSub({ projectId, apiEndpoint: process.env.PUBSUB_EMULATOR_HOST ?? "" });
  const [topic] = await pubsub.createTopic("deployment-events");
  await topic.createSubscription("sample", { enableMessageOrdering: true });
  const publisher = pubsub.topic("deployment-events", { messageOrdering: true });
  const publish = (sequence: number, type = "deployment.progress", message = `number ${sequence}`, init: Init = {}) =>
    publisher.publishMessage({
      json: { message, reason: init.reason ?? "EVENT_REFUSED", data: init.data },
      attributes: { deployment_id: "release-42", "ce-sequence": `${sequence}`, "ce-type": type, ...init.mark },
      orderingKey: "release-42",
    });

  const child = spawn(process.execPath, [script], {
    env: { ...process.env, GOOGLE_CLOUD_PROJECT: projectId, SUBSCRIPTION: "sample", METADATA_SERVER_DETECTION: "none" },
  });
  let printed = "";
  const isPrinted = new Promise<void>((resolve) => {
    child.stdout.on("data", (bytes) => {
      printed += bytes;
      if (printed.split("was purged").length > 2) resolve();
    });
  });
  for (const sequence of [7, 8, 7, 8, 9]) await publish(sequence);
  await publish(10, "activityevents.tombstone");
  await publish(12, "a\x9bb", "\x1b[2J\x07\0\u202e\u2028one\ntwo\tthree");
  await publish(13, undefined, undefined, { mark: { imported: "true" } });
  await publish(14, "activityevents.redacted", "mistake", {
    data: { eventId: "seven", sequence: 7, allFields: false },
  });
  for (const sequence of [7, 14]) await publish(sequence, undefined, undefined, { mark: { replayed: "true" } });
  await publish(15, "activityevents.tombstone", "", { reason: "PURGED" });
  await publish(16, "activityevents.purged", "over");
  await isPrinted;
  const ended = once(child, "exit");
  child.kill("SIGTERM");

  expect(await ended).toEqual([0, null]);
  expect(printed.trimEnd().split("\n")).toEqual([
    "release-42\t7\tdeployment.progress\tnumber 7",
    "release-42\t8\tdeployment.progress\tnumber 8",
    "release-42\t9\tdeployment.progress\tnumber 9",
    "release-42\t10\tactivityevents.tombstone\tEVENT_REFUSED",
    "release-42\t11-11\tdid not arrive: read them from the store",
    String.raw`release-42 12 a\x9bb \x1b[2J\x07\x00\u202e\u2028one\ntwo\tthree`.replaceAll(" ", "\t"),
    "release-42\t13\tdeployment.progress\tnumber 13",
    "release-42\t14\tactivityevents.redacted\tmistake",
    "release-42\t7\twas redacted: remove your copy",
    "release-42\t15\tactivityevents.tombstone\tPURGED",
    "release-42\tall\twas purged: remove your copies",
    "release-42\t16\tactivityevents.purged\tover",
    "release-42\tall\twas purged: remove your copies",
  ]);
  await pubsub.close();
});
