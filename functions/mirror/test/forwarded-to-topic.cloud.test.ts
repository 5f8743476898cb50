import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { atEnd, closeAll, startCloud } from "@activity-events/testing/cloud-stack";
import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { PubSub } from "@google-cloud/pubsub";
import { afterEach, expect, test } from "@jest/globals";
import { readTopic } from "./topic-reader.ts";

afterEach(async () => {
  disconnectAll();
  await closeAll();
});

const program = join(import.meta.dirname, "..", "..", "..", "cli", "src", "main.ts");

test("publishes what the mirror publishes, byte by byte and in order", async () => {
  const { projectId, addresses, eventsTopic } = await startCloud();
  const [address = ""] = addresses;
  const pubsub = new PubSub({ projectId });
  atEnd(() => pubsub.close());
  await pubsub.createTopic("forwarded");
  const [mirrored, forwarded] = [await readTopic(pubsub, eventsTopic), await readTopic(pubsub, "forwarded")];
  atEnd(() => mirrored.close());
  atEnd(() => forwarded.close());
  const client = connect(address);
  const data = { "10": true, "9": [1, { b: null, a: 0.1 }], "\u00fc": "\u2028" };
  const sendTime = { seconds: -1n, nanos: 999_999_999 };
  for (const deploymentId of ["a", "b"]) {
    await call(client, methods.batchCreateEvents, {
      deploymentId,
      events: [
        { type: "deployment.started", environment: "production", labels: { z: "1", "2": "b", a: "" }, data, sendTime },
        ...Array.from({ length: 30 }, (_, index) => ({ message: `${index} größer`, severity: 400 })),
        {
          type: "deployment.finished",
          outcome: Outcome.ERROR,
          traceParent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
        },
      ],
    });
  }

  const cursor = join(temporaryFolder().path, "topic.cursor");
  const args = [program, "forward", "--to", `pubsub:projects/${projectId}/topics/forwarded`, "--cursor", cursor];
  const environment = { PATH: process.env.PATH, ACTIVITY_ADDRESS: address, XDG_CONFIG_HOME: temporaryFolder().path };
  const { PUBSUB_EMULATOR_HOST } = process.env;
  const forwarding = spawn(process.execPath, [...args, "--from-start", "--no-follow"], {
    env: { ...environment, PUBSUB_EMULATOR_HOST },
    stdio: ["ignore", "ignore", "inherit"],
  });

  expect(await once(forwarding, "exit")).toEqual([0, null]);
  for (const { received } of [mirrored, forwarded]) await until(() => received.length >= 64, "all arrive");
  for (const deploymentId of ["a", "b"]) {
    const of = (topic: typeof mirrored) =>
      topic.received
        .filter((message) => message.deploymentId === deploymentId)
        .map(({ text, attributes }) => ({ text, attributes }));
    expect(of(forwarded)).toEqual(of(mirrored));
  }
});
