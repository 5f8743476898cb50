import { writeOlderEvent, writeOlderHead } from "@activity-events/event-store/test/firestore-older-version";
import { until } from "@activity-events/testing/until";
import { Firestore } from "@google-cloud/firestore";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { runMirror } from "../src/run-mirror.ts";
import { content, deploymentId, newEvent, newEvents } from "./builders.ts";
import { type Cloud, openCloud } from "./open-cloud.ts";

const d = deploymentId("release-42");
let cloud: Cloud;
let firestore: Firestore;

beforeEach(async () => {
  cloud = await openCloud();
  firestore = new Firestore({ projectId: cloud.projectId });
});
afterEach(async () => {
  await Promise.all([cloud.close(), firestore.terminate()]);
});

async function mirrorsAll(count: number): Promise<void> {
  expect(await runMirror(d, cloud)).toEqual({ kind: "complete" });
  await until(() => cloud.events.of(d).length >= count, "all events have come");
  expect(cloud.events.of(d)).toEqual(Array.from({ length: count }, (_, index) => `${index + 1}`));
  expect(cloud.codes()).toEqual([]);
}

test("what an older service stored is mirrored whole, before this version's service comes", async () => {
  const type = "deployment.progress";
  for (const sequence of [1, 2, 3]) {
    await writeOlderEvent(firestore, d, sequence, content({ type, message: `number ${sequence}` }), new Uint8Array());
  }
  await writeOlderHead(firestore, d, { state: "queued", head_sequence: 3 });

  await mirrorsAll(3);

  expect(cloud.events.received[2]).toMatchObject({ id: "older-3", type, json: { message: "number 3" } });
});

test("what a newer service stores is mirrored whole, while this version's mirror is still there", async () => {
  // A state, a field of the head, a field of the document and a field of the content that this version does not know.
  const unknownField = Buffer.from([0xfa, 0x7f, 0x03, 0x6e, 0x65, 0x77]);
  const newer = newEvent("newer", { message: "from tomorrow" });
  await cloud.append(d, [...newEvents(2), { ...newer, content: Buffer.concat([newer.content, unknownField]) }]);
  await cloud.patch(`deployments/${d}`, {
    state: { stringValue: "paused" },
    outcome: { stringValue: "superseded" },
    pause_time: { timestampValue: "2030-01-01T00:00:00Z" },
  });
  await cloud.patch(`deployments/${d}/events/newer`, { region: { stringValue: "moon" } });

  await mirrorsAll(3);

  expect(cloud.events.received[2]).toMatchObject({ id: "newer", json: { message: "from tomorrow" } });
});
