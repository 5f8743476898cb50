// Makes the file of this version's schema that later versions are tested with: node e2e/make-store-file.ts FOLDER
// writes schema-N.db and schema-N.jsonl there. See event-store/test/files/README.md.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEventStore } from "@activity-events/event-store";
import { storedLines } from "@activity-events/event-store/contract/stored-lines";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { EventSchema, Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { ServiceClient } from "@activity-events/testing/service-client";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { contentCodec } from "../run-service/src/content-codec.ts";

type EventInit = MessageInitShape<typeof EventSchema>;

const [folder = "."] = process.argv.slice(2);
const admin = ActivityEventsAdminService.method;
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
  await edit(service.address);
  service.signal("SIGTERM");
  await service.exited;
}

/** Redacts, deletes and purges, as an admin does: events in full runs and in the last one, and deployments of all sizes. */
async function edit(address: string): Promise<void> {
  const client = new ServiceClient(address);
  const headers = { authorization: `Bearer ${readFileSync(join(dataDir, "admin-token"), "utf8").trim()}` };
  try {
    const [first, second] = ["redacted-0", "redacted-1"];
    await client.call(admin.redactEvent, { deploymentId: "redacted", eventId: first, reason: "a secret" }, { headers });
    await client.call(admin.redactEvent, { deploymentId: "redacted", eventId: second, allFields: true }, { headers });
    await client.call(admin.redactEvent, { deploymentId: "redacted-long", eventId: "redacted-long-3" }, { headers });
    for (const deploymentId of ["deleted", "undeleted"]) {
      await client.call(admin.deleteDeployment, { deploymentId }, { headers });
    }
    await client.call(admin.undeleteDeployment, { deploymentId: "undeleted" }, { headers });
    for (const deploymentId of ["purged", "purged-long"]) {
      await client.call(admin.purgeDeployment, { deploymentId }, { headers });
    }
  } finally {
    client.close();
  }
}

/** Events of all kinds: each with an id of its own, those of two long deployments one after the other. */
function* events(): Generator<EventInit> {
  const time = { seconds: 1_767_225_600n, nanos: 123_456_789 };
  const finished = { type: "deployment.finished" };
  const outcomes = [Outcome.SUCCESS, Outcome.FAILURE, Outcome.CANCELED, Outcome.ERROR] as const;
  const lives: Readonly<Record<string, readonly EventInit[]>> = {
    queued: [{ type: "deployment.queued", sendTime: time }],
    running: [{ type: "deployment.queued" }, { type: "deployment.started", environment: "prod", service: "shop" }],
    redacted: [
      { type: "deployment.started", message: "token of hunter2", actor: "ada", url: "https://ci.example/2" },
      {
        message: "hunter2",
        actor: "ada",
        commit: "0af2",
        environment: "prod",
        service: "shop",
        data: { key: "hunter2" },
      },
      { message: "nothing to hide", sendTime: time },
    ],
    deleted: [{ type: "deployment.started", actor: "ada" }, { message: "hidden" }],
    undeleted: [{ type: "deployment.started", actor: "ada" }, { message: "shown again" }],
    purged: [{ type: "deployment.started", actor: "ada" }, { message: "gone" }],
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
  for (let place = 0; place < 70; place += 1) {
    yield { deploymentId: "redacted-long", eventId: `redacted-long-${place}`, message: `step ${place}`, actor: "ada" };
    yield { deploymentId: "purged-long", eventId: `purged-long-${place}`, message: `step ${place}` };
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
