import { at, writeOlderEvent, writeOlderHead } from "@activity-events/event-store/test/firestore-older-version";
import { openTopicReader } from "@activity-events/mirror/test/topic-reader";
import { EventSchema, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { atEnd, closeAll, startCloud } from "@activity-events/testing/cloud-stack";
import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { until } from "@activity-events/testing/until";
import { create, toBinary } from "@bufbuild/protobuf";
import { Firestore } from "@google-cloud/firestore";
import { afterEach, expect, test } from "@jest/globals";
import { askPython } from "../history/ask-python.ts";
import { appendRandom } from "./append-random.ts";

afterEach(async () => {
  disconnectAll();
  await closeAll();
});

/** What an older version stored: its labels in the producer's order, and the first send time of every other event. */
function olderEvent(sequence: number): [Uint8Array, Uint8Array] {
  const labels = { b: `${sequence}`, a: "1" };
  const content = create(EventSchema, { type: "deployment.progress", severity: Severity.INFO, labels });
  const sendTime = { seconds: BigInt(-sequence), nanos: sequence };
  const stamp = create(EventSchema, sequence % 2 === 0 ? { sendTime } : {});
  return [toBinary(EventSchema, content), toBinary(EventSchema, stamp)];
}

test("another implementation finds the same history hashes over gRPC and on the topic, older versions' events among them", async () => {
  const random = seededRandom("history hashes on the topic");
  const { addresses, projectId, eventsTopic } = await startCloud({
    services: 1,
    serviceEnvironment: { HEARTBEAT_SECONDS: "1" },
  });
  const [address = ""] = addresses;
  const client = connect(address);
  const topic = await openTopicReader(projectId, eventsTopic);
  const older = new Firestore({ projectId });
  atEnd(async () => {
    await Promise.all([topic.close(), older.terminate()]);
  });
  const writeOlder = async (sequences: readonly number[]) => {
    for (const sequence of sequences) await writeOlderEvent(older, "mixed", sequence, ...olderEvent(sequence));
    const head = { head_sequence: sequences.at(-1) ?? 0, state: "running", start_time: at(1) };
    await writeOlderHead(older, "mixed", head);
  };

  const unknown = new Map<string, number[]>();
  const append = async (deploymentId: string, from: number, to: number) => {
    const withUnknown = await appendRandom(client, random, { deploymentId, from, to });
    unknown.set(deploymentId, [...(unknown.get(deploymentId) ?? []), ...withUnknown]);
  };
  for (const deploymentId of ["one", "two", "three"]) await append(deploymentId, 1, 25);
  await writeOlder([1, 2, 3]);
  await append("mixed", 4, 10);
  await writeOlder([11, 12]);
  await append("mixed", 13, 25);

  const ids = [...unknown.keys()];
  await until(() => ids.every((id) => topic.of(id).includes("25")), "all events are on the topic");
  const overGrpc = await askPython(ids.map((deploymentId) => ({ address, deploymentId })));
  const onTopic = await askPython(
    ids.map((deploymentId) => {
      const messages = new Map(
        topic.received.flatMap((message) =>
          message.deploymentId === deploymentId ? [[message.sequence, message]] : [],
        ),
      );
      return { deploymentId, begins: deploymentId === "mixed" ? 4 : 1, messages: [...messages.values()] };
    }),
  );

  for (const [index, deploymentId] of ids.entries()) {
    const { deployment } = await call(client, methods.getDeployment, { deploymentId });
    const hash = Buffer.from(deployment?.historyHash ?? "").toString("hex");
    const isMixed = deploymentId === "mixed";
    const same = { events: 25, sequence: 25, hash, faults: [] };
    expect(deployment?.historyHashFrom).toBe(isMixed ? 4n : 1n);
    expect(overGrpc[index]).toEqual({ ...same, compared: { get_deployment: 1, caught_up: 1, heartbeat: 1 } });
    const withoutHash = isMixed ? [1, 2, 3, 11, 12] : [];
    const notRebuilt = [...(unknown.get(deploymentId) ?? []), ...withoutHash].sort((a, b) => a - b);
    expect(onTopic[index]).toEqual({ ...same, notRebuilt, withoutHash });
  }
});
