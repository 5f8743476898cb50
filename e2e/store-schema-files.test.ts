import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  append,
  newEvent,
  newEvents,
  readSequences,
  sequencesTo,
} from "@activity-events/event-store/contract/builders";
import { storedLines } from "@activity-events/event-store/contract/stored-lines";
import { sqlitePlace } from "@activity-events/event-store/test/sqlite-place";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Deployment } from "../event-store/src/domain/deployment.ts";
import { headAfter } from "../event-store/src/domain/head-after.ts";
import { type DeploymentId, EventIdConflictError } from "../event-store/src/index.ts";
import { schemaVersion } from "../event-store/src/sqlite/migrations/schema.ts";
import { openSqliteStore } from "../event-store/src/sqlite/store.ts";
import { contentCodec } from "../run-service/src/content-codec.ts";
import { keptBySchema } from "./kept-by-schema.ts";

const files = join(import.meta.dirname, "..", "event-store", "test", "files");
const oldest = 3;
const versions = Array.from({ length: schemaVersion - oldest + 1 }, (_, index) => oldest + index);

let place: Awaited<ReturnType<typeof sqlitePlace>>;
beforeEach(async () => {
  place = await sqlitePlace((file) => openSqliteStore({ file, codec: contentCodec }));
});
afterEach(() => place.remove());

test.each(versions)("the tree holds a file of schema %d, and what was stored in it", (version) => {
  expect(existsSync(join(files, `schema-${version}.db`))).toBe(true);
  expect(existsSync(join(files, `schema-${version}.jsonl`))).toBe(true);
});

test.each(versions)("opens a file of schema %d and gives back exactly what was stored", async (version) => {
  copyFileSync(join(files, `schema-${version}.db`), place.file);
  const expected = readFileSync(join(files, `schema-${version}.jsonl`), "utf8")
    .trimEnd()
    .split("\n");

  const store = await place.open();

  const lines = await storedLines(store);
  const kept = (line: string) => keptBySchema(version, line);
  expect(lines.map(kept)).toEqual(expected.map(kept));
  expect(expected.length).toBeGreaterThan(300);
  await store.close();
});

test("heads of schema 3 are folded anew from their events, and their events chained", async () => {
  copyFileSync(join(files, "schema-3.db"), place.file);
  const store = await place.open();

  const heads = new Map<string, Deployment>();
  for (const line of await storedLines(store)) {
    const { deploymentId, event } = JSON.parse(line);
    if (event === undefined) continue;
    const bytes = { content: fromHex(event.content), stamp: fromHex(event.stamp), salt: fromHex(event.salt) };
    const { facts } = contentCodec.restoredEvent(bytes);
    const read = { eventId: event.eventId, ...bytes, facts };
    heads.set(deploymentId, headAfter(heads.get(deploymentId), deploymentId, read, event.receiveTimeUs));
  }

  expect(heads.size).toBeGreaterThan(10);
  for (const [id, head] of heads) expect(await store.readDeployment(id as DeploymentId)).toEqual(head);
  // It was started at a time that its producer gave, before it was finished.
  expect(heads.get("again")).toMatchObject({ state: "finished", outcome: "failure" });
  expect(heads.get("finished-success")).toMatchObject({ state: "finished", actor: "ada", commit: "0af1" });
  await store.close();
});

test("edits of schema 5 are still there, and a redacted event is still known by what it was", async () => {
  copyFileSync(join(files, "schema-5.db"), place.file);
  const store = await place.open();
  const headOf = (id: string) => store.readDeployment(id as DeploymentId);

  expect(await headOf("redacted")).toMatchObject({
    standing: "kept",
    edits: 2,
    headSequence: 5,
    service: "",
    actor: "",
  });
  expect(await headOf("redacted-long")).toMatchObject({ standing: "kept", edits: 1, headSequence: 71 });
  expect(await headOf("deleted")).toMatchObject({ standing: "deleted", edits: 1, headSequence: 2 });
  expect(await headOf("undeleted")).toMatchObject({ standing: "kept", edits: 2, headSequence: 2 });
  expect(await headOf("purged")).toMatchObject({ standing: "purged", edits: 1, headSequence: 3 });
  expect(await headOf("purged-long")).toMatchObject({ standing: "purged", edits: 1, headSequence: 71 });
  const was = (message: string) => {
    const content = toBinary(
      EventSchema,
      create(EventSchema, {
        ...{ type: "deployment.started", severity: 200, message, actor: "ada" },
        url: "https://ci.example/2",
      }),
    );
    const bytes = { content, stamp: new Uint8Array() };
    return newEvent({ ...contentCodec.factsOf(bytes), id: "redacted-0", ...bytes });
  };
  expect(await append(store, "redacted", [was("token of hunter2")])).toMatchObject([{ duplicate: true }]);
  await expect(append(store, "redacted", [was("token of hunter3")])).rejects.toThrow(EventIdConflictError);
  await store.close();
});

const fromHex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

test.each(versions)(
  "appends to the deployments of a file of schema %d, with full runs and without",
  async (version) => {
    copyFileSync(join(files, `schema-${version}.db`), place.file);
    const store = await place.open();

    for (const id of ["full", "long", "longer", "batch", "new"]) {
      const before = await readSequences(store, id);
      await append(store, id, newEvents(65));
      expect(await readSequences(store, id)).toEqual(sequencesTo(before.length + 65));
    }

    await store.close();
  },
);
