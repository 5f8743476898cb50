import {
  type DeploymentId,
  type EventId,
  type EventStore,
  purgedType,
  redactedType,
  type StoredEvent,
} from "@activity-events/event-store";
import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, toBinary } from "@bufbuild/protobuf";
import { restoredEvent, stampWith, storedFacts, newEvent as storedForm } from "../src/grpc/codec/event-codec.ts";
import type { EventInit } from "./new-event.ts";

const inTime = () => ({ deadlineMs: Date.now() + 30_000 });

/** Fills a store with what an export can meet: kept, redacted, deleted and purged deployments, and one of many events. */
export async function fillStore(store: EventStore, { many = 1_200 } = {}): Promise<void> {
  let timeUs = 1_700_000_000_000_000;
  const append = async (deployment: string, inits: readonly EventInit[]) => {
    timeUs += 1_000_000;
    const events = inits.map((init, index) => {
      const event = create(EventSchema, { type: "deployment.progress", ...init }) as Event;
      const fresh = storedForm(event, (init.eventId ?? `${deployment}-${timeUs}-${index}`) as EventId);
      stampWith("user:ann", fresh);
      return fresh;
    });
    const expected = { kind: "any" } as const;
    return store.append({ deploymentId: idOf(deployment), events, expected, receiveTimeUs: timeUs }, inTime());
  };
  const started = { type: "deployment.started", environment: "prod", service: "shop", actor: "ann" };
  await append("kept", [started, { message: "one" }, { type: "deployment.finished", outcome: 1 }]);
  await append("unknown", [{ message: "of a later version", ...laterField }]);
  await append("many", [started]);
  for (let at = 0; at < many; at += 400) {
    await append(
      "many",
      Array.from({ length: 400 }, (_, index) => ({ message: `step ${at + index}`, labels: { at: "x" } })),
    );
  }
  const [, leak] = await append("redacted", [started, { message: "hunter2", actor: "eve", eventId: "leak" }]);
  if (leak !== undefined) await redact(store, "redacted", leak.event, timeUs);
  await append("deleted", [started, { message: "hidden" }]);
  await store.hideDeployment(idOf("deleted"), true, inTime());
  await append("purged", [started, { message: "gone" }]);
  const notice = storedForm(create(EventSchema, { type: purgedType }), "purge" as EventId);
  await store.beginPurge({ deploymentId: idOf("purged"), notice, receiveTimeUs: timeUs }, inTime());
  await store.purgeSome(idOf("purged"), inTime());
}

/** Field 99, which this version does not know. */
const laterField = { $unknown: [{ no: 99, wireType: 2, data: new Uint8Array([2, 104, 105]) }] } as object;

export function idOf(text: string): DeploymentId {
  return text as DeploymentId;
}

/** Empties message and actor of an event. */
export async function redact(store: EventStore, deployment: string, read: StoredEvent, timeUs: number): Promise<void> {
  const { stamp } = read;
  const facts = storedFacts(read);
  const content = toBinary(EventSchema, create(EventSchema, { type: facts.type, severity: facts.severity }));
  const restored = restoredEvent({ content, stamp });
  await store.redactEvent(
    {
      deploymentId: idOf(deployment),
      read,
      facts,
      left: { content: restored.content, stamp, facts: storedFacts({ content: restored.content, stamp }) },
      notice: storedForm(create(EventSchema, { type: redactedType }), `redact-${read.eventId}` as EventId),
      receiveTimeUs: timeUs,
    },
    inTime(),
  );
}
