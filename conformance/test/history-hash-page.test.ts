import { createHash } from "node:crypto";
import {
  commitmentOf,
  type DeploymentId,
  type EventId,
  type HistoryHash,
  withCommitment,
} from "@activity-events/event-store";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { fromJson } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { newEvent } from "../../run-service/src/grpc/codec/event-codec.ts";
import { readExample } from "./page-example.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** A text behind its length, in eight bytes. */
function prefixed(text: string): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigInt64BE(BigInt(Buffer.byteLength(text)));
  return Buffer.concat([length, Buffer.from(text)]);
}

test("the example of docs/history-hash.md has the values that the service computes", () => {
  const { events, values } = readExample();
  const deploymentId = events[0].deploymentId as DeploymentId;
  const firstParts = [prefixed("activityevents.history.v1"), prefixed(deploymentId)];
  const computed: Record<string, string> = {
    "first value": createHash("sha256").update(Buffer.concat(firstParts)).digest("hex"),
  };

  let history: HistoryHash | undefined;
  for (const json of events) {
    const event = fromJson(EventSchema, json);
    const { salt } = event;
    const receiveTimeUs = Number(event.receiveTime?.seconds) * 1_000_000 + (event.receiveTime?.nanos ?? 0) / 1_000;
    const { content, facts } = newEvent(event, json.eventId as EventId);
    const commitment = commitmentOf({ salt, eventId: json.eventId, content, ...facts });
    history = withCommitment(history, { deploymentId, sequence: Number(json.sequence), receiveTimeUs }, commitment);
    computed[`content ${json.sequence}`] = hex(content);
    computed[`commitment ${json.sequence}`] = hex(commitment);
    computed[`hash ${json.sequence}`] = hex(history.hash);
  }

  expect(values).toEqual(computed);
  expect(Object.keys(computed)).toHaveLength(7);
});
