import { randomUUID } from "node:crypto";
import { type EventStore, type NewEvent, openEventStore, openMirrorStore } from "@activity-events/event-store";
import { codec } from "@activity-events/event-store/contract/builders";
import { until } from "@activity-events/testing/until";
import { PubSub } from "@google-cloud/pubsub";
import { type Limits, limits } from "../src/limits.ts";
import { openLog } from "../src/log.ts";
import { pokesOn } from "../src/poke.ts";
import { openPublisher, type Publisher } from "../src/publisher.ts";
import type { MirrorRunOptions } from "../src/run-mirror.ts";
import { deploymentId } from "./builders.ts";
import type { LogLine } from "./open-memory.ts";
import { openStrictPubsub, type StrictPubsub } from "./strict-pubsub.ts";
import { readTopic, type TopicReader } from "./topic-reader.ts";

/** All that the mirror needs, on the emulators, in a project of its own. */
export interface Cloud extends MirrorRunOptions {
  readonly projectId: string;
  /** The store in which the service appends. */
  readonly eventStore: EventStore;
  readonly pubsub: PubSub;
  readonly strict: StrictPubsub;
  /** Subscribers of the two topics. */
  readonly events: TopicReader;
  readonly pokes: { readonly received: readonly { readonly json: Readonly<Record<string, unknown>> }[] };
  readonly lines: LogLine[];
  codes(): unknown[];
  append(id: string, events: readonly NewEvent[]): Promise<void>;
  /** Changes a document behind the store's back; fields in the form of Firestore's REST interface. */
  patch(path: string, fields: Readonly<Record<string, unknown>>): Promise<void>;
  remove(path: string): Promise<void>;
  close(): Promise<void>;
}

export const eventsTopic = "deployment-events";
const pokeTopic = "activity-pokes";
/** A topic that nobody reads. */
const probeTopic = "probes";

export async function openCloud(changed: Partial<Limits> = {}): Promise<Cloud> {
  const projectId = `demo-${randomUUID()}`;
  const settings = { projectId, databaseId: "(default)" };
  const emulator = process.env.PUBSUB_EMULATOR_HOST ?? "";
  const pubsub = new PubSub({ projectId, apiEndpoint: emulator });
  await Promise.all([eventsTopic, pokeTopic, probeTopic].map((topic) => pubsub.createTopic(topic)));
  const [events, pokes] = await Promise.all([readTopic(pubsub, eventsTopic), readTopic(pubsub, pokeTopic)]);
  const strict = await openStrictPubsub(emulator);
  const publisher = await openPublisher({ projectId, endpoint: strict.address });
  const eventStore = await openEventStore({ store: "firestore", ...settings }, codec);
  const store = await openMirrorStore(settings);
  await untilItPublishes(publisher);
  const lines: LogLine[] = [];
  const documents = `http://${process.env.FIRESTORE_EMULATOR_HOST}/v1/projects/${projectId}/databases/(default)/documents`;

  return {
    projectId,
    eventStore,
    pubsub,
    strict,
    events,
    pokes,
    store,
    publisher,
    eventsTopic,
    poke: pokesOn(pokeTopic, publisher),
    logger: openLog("info", { write: (line) => void lines.push(JSON.parse(line)) }),
    clock: Date.now,
    limits: { ...limits, ...changed },
    lines,
    codes: () => lines.map(({ code }) => code).filter((code) => code !== undefined),
    append: async (id, appended) => {
      const receiveTimeUs = Date.now() * 1_000;
      await eventStore.append(
        { deploymentId: deploymentId(id), events: appended, expected: { kind: "any" }, receiveTimeUs },
        { deadlineMs: Date.now() + 20_000 },
      );
    },
    patch: (path, fields) => {
      const mask = Object.keys(fields).map((name) => `updateMask.fieldPaths=${name}`);
      return changeDocument(`${documents}/${path}?${mask.join("&")}`, {
        method: "PATCH",
        body: JSON.stringify({ fields }),
      });
    },
    remove: (path) => changeDocument(`${documents}/${path}`, { method: "DELETE" }),
    close: async () => {
      await Promise.all([events.close(), pokes.close(), publisher.close(), eventStore.close(), store.close()]);
      strict.close();
      await pubsub.close();
    },
  };
}

/** Waits until the emulator takes messages: on a busy machine its first publish takes longer than a run waits. */
async function untilItPublishes(publisher: Publisher): Promise<void> {
  const probe = { data: Buffer.from("probe"), attributes: {}, orderingKey: deploymentId("probe") };
  const isTaken = () =>
    publisher.publish(probeTopic, [probe]).then(
      ({ kind }) => kind === "accepted",
      () => false,
    );
  await until(isTaken, "the emulator takes a message");
}

/** As the emulator's owner, to whom no rules apply. */
async function changeDocument(url: string, request: RequestInit): Promise<void> {
  const response = await fetch(url, { ...request, headers: { authorization: "Bearer owner" } });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
}
