// Makes the file of this version's schema that later versions are tested with: node e2e/make-store-file.ts FOLDER
// writes schema-N.db and schema-N.jsonl there. See event-store/test/files/README.md.
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEventStore } from "@activity-events/event-store";
import { storedLines } from "@activity-events/event-store/contract/stored-lines";
import { EventSchema, Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { contentCodec } from "../run-service/src/content-codec.ts";

type EventInit = MessageInitShape<typeof EventSchema>;

const [folder = "."] = process.argv.slice(2);
const dataDir = temporaryFolder().path;
const file = join(dataDir, "events.db");
// The service keeps nobody from ending who waits for it.
const waiting = setInterval(() => {}, 1_000);
await fill();
const schema = await tellStored();
copyFileSync(file, join(folder, `schema-${schema}.db`));
await cleanUp();
clearInterval(waiting);

/** Stores events through the service, one call after the other, so that their order is the same each time. */
async function fill(): Promise<void> {
  const service = await startService({ dataDir });
  const client = connect(service.address);
  for (const event of events()) await call(client, methods.createEvent, { event });
  await call(client, methods.batchCreateEvents, {
    deploymentId: "batch",
    events: Array.from({ length: 10 }, (_, place) => ({ eventId: `batch-${place}`, message: `line ${place}` })),
  });
  disconnectAll();
  service.signal("SIGTERM");
  await service.exited;
}

/** Events of all kinds: each with an id of its own, those of two long deployments one after the other. */
function* events(): Generator<EventInit> {
  const time = { seconds: 1_767_225_600n, nanos: 123_456_789 };
  const finished = { type: "deployment.finished" };
  const outcomes = [Outcome.SUCCESS, Outcome.FAILURE, Outcome.CANCELED, Outcome.ERROR] as const;
  const lives: Readonly<Record<string, readonly EventInit[]>> = {
    queued: [{ type: "deployment.queued", sendTime: time }],
    running: [{ type: "deployment.queued" }, { type: "deployment.started", environment: "prod", service: "shop" }],
    "rolled-back": [{ type: "deployment.started" }, { type: "deployment.rolledback", revision: "r1" }],
    again: [
      { ...finished, outcome: Outcome.FAILURE },
      { type: "deployment.started", sendTime: time },
    ],
    ...Object.fromEntries(
      outcomes.map((outcome) => [
        `finished-${Outcome[outcome].toLowerCase()}`,
        [
          { type: "deployment.started", sendTime: time },
          { ...finished, outcome, actor: "ada", commit: "0af1" },
        ],
      ]),
    ),
  };
  for (const [deploymentId, life] of Object.entries(lives)) {
    for (const [place, event] of life.entries()) yield { deploymentId, eventId: `${deploymentId}-${place}`, ...event };
  }
  const odd = { deploymentId: "odd" };
  yield {
    ...odd,
    eventId: "data",
    message: "all of JSON",
    data: { nested: [[1, null, true]], empty: {}, text: "ä", big: 2 ** 53 - 1 },
  };
  yield {
    ...odd,
    eventId: "unicode",
    message: "Grüße, 世界 🚀 \u0000 \u202e",
    labels: { schlüssel: "wert", empty: "" },
  };
  yield {
    ...odd,
    eventId: "labels",
    type: "ci.labelled",
    labels: { ["__proto__"]: "p", b: "2", a: "1" },
    severity: 500,
    source: "//ci/1",
  };
  yield {
    ...odd,
    eventId: "all",
    message: "all",
    url: "https://ci.example/1",
    actor: "ada",
    commit: "0af1",
    service: "shop",
  };
  yield withUnknownFields({ ...odd, eventId: "unknown", message: "from a newer producer", sendTime: time });
  for (let place = 0; place < 70; place += 1) {
    yield { deploymentId: "long", eventId: `long-${place}`, message: `step ${place}`, severity: 100 * (place % 8) };
    const longer = { deploymentId: "longer", message: `line ${place}` };
    yield { ...longer, eventId: `longer-${place}`, ...(place % 2 === 0 ? { sendTime: time } : {}) };
    yield { ...longer, eventId: `longer-${place}-b`, labels: { place: `${place}` } };
  }
  // Exactly one full run: what follows it is empty.
  for (let place = 0; place < 64; place += 1)
    yield { deploymentId: "full", eventId: `full-${place}`, message: "one more" };
}

/** With a varint in field 60 and a text in field 61, which this version does not know. */
function withUnknownFields(event: EventInit): EventInit {
  const unknown = Buffer.from("e0032aea0305776f726c64", "hex");
  return fromBinary(EventSchema, Buffer.concat([toBinary(EventSchema, create(EventSchema, event)), unknown]));
}

/** Writes the heads and events that the store gives back, and answers its schema. */
async function tellStored(): Promise<unknown> {
  const store = await openEventStore({ store: "sqlite", file }, contentCodec);
  const lines = await storedLines(store);
  const { schema: version } = store.traits.details;
  await store.close();
  writeFileSync(join(folder, `schema-${version}.jsonl`), `${lines.join("\n")}\n`);
  return version;
}
