import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, codec, deploymentId, eventId, newEvent, readSequences, sequencesTo } from "../contract/builders.ts";
import { seedOf } from "../contract/histories.ts";
import { checkStore } from "../src/sqlite/commands/check-store.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { randomNumbers } from "./random-numbers.ts";
import { runStoreProcess } from "./store-process.ts";

const seed = seedOf(process.env);
let file: string;
beforeEach(() => {
  file = join(temporaryFolder().path, "events.db");
});
afterEach(removeTemporaryFolders);

const filled = `
  const store = await open();
  for (const id of ["redacted", "hidden", "purged", "other"]) {
    await appendTo(store, id, newEvents(id === "purged" ? 1_100 : 70, { actor: "secret-actor-of-" + id, message: "secret-of-" + id }));
  }
  await appendTo(store, "redacted", [newEvent({ id: "leak", message: "secret-of-leak" })]);
  await store.close();
`;

/** All edits, each so that it can be repeated. */
const edits = `
  const store = await open();
  const inTime = () => ({ deadlineMs: Date.now() + 60_000 });
  const read = await store.readEvent(deploymentId("redacted"), eventId("leak"), { hidden: true });
  if (read.redaction === undefined) {
    const content = encode({ type: "deployment.progress" });
    const left = { content, stamp: new Uint8Array(), facts: codec.factsOf({ content, stamp: new Uint8Array() }) };
    const notice = newEvent({ id: "redaction", type: "activityevents.redacted" });
    await store.redactEvent({ deploymentId: deploymentId("redacted"), read, facts: codec.factsOf(read), left, notice, receiveTimeUs: 2_000_000 }, inTime());
  }
  await store.finishEmptying(inTime());
  say("redacted");
  await store.hideDeployment(deploymentId("hidden"), true, inTime());
  say("hidden");
  await store.beginPurge({ deploymentId: deploymentId("purged"), notice: newEvent({ type: "activityevents.purged" }), receiveTimeUs: 3_000_000 }, inTime());
  while ((await store.purgeSome(deploymentId("purged"), inTime())).more);
  say("purged");
  const { events } = await readEvents(store, "other");
  const head = await store.readDeployment(deploymentId("other"));
  const { hash, sequence } = head.historyHash;
  const facts = (stored) => ({ stored, facts: codec.factsOf(stored) });
  // The same history under another id has another hash: the chain of the import starts behind it.
  const imported = { ...head, deploymentId: deploymentId("imported"), historyHash: undefined, emptied: [], edits: 1 };
  await store.importEvents({ head: imported, events: events.map(facts) }, inTime());
  say("imported");
  await store.close();
`;

/** Continues with a copy of a closed store, in a folder of its own. */
function takeCopy(base: string): void {
  file = join(temporaryFolder().path, "events.db");
  for (const end of ["", "-marker"]) copyFileSync(`${base}${end}`, `${file}${end}`);
}

function foundInFiles(text: string): readonly string[] {
  return readdirSync(dirname(file)).filter(
    (name) => name !== "script.mjs" && readFileSync(join(dirname(file), name)).includes(text),
  );
}

test("a store that is killed at any step of an edit starts again whole, and the edit can be repeated", async () => {
  const random = randomNumbers(seed);
  const rounds = 24;
  const base = file;
  await runStoreProcess(base, filled);
  takeCopy(base);
  const whole = await runStoreProcess(file, edits, Number.MAX_SAFE_INTEGER, { killAt: 0 });
  const steps = Number(whole.find((line) => line.startsWith("steps "))?.slice(6));
  expect(steps).toBeGreaterThan(100);

  for (let round = 0; round < rounds; round += 1) {
    takeCopy(base);
    const killAt = 1 + Math.floor(((round + random(1_000) / 1_000) * steps) / rounds);
    const lines = await runStoreProcess(file, edits, Number.MAX_SAFE_INTEGER, { killAt });

    // What a call has answered stands, and no byte of it comes back; what a commit has emptied is gone with the next start.
    if (lines.includes("redacted")) expect(foundInFiles("secret-of-leak")).toEqual([]);
    const store = await openSqliteStore({ file, codec });
    await store.probe();
    const leak = await store.readEvent(deploymentId("redacted"), eventId("leak"));
    await append(store, "other", [newEvent()]);
    if (leak?.redaction !== undefined) expect(foundInFiles("secret-of-leak")).toEqual([]);
    const standing = (await store.readDeployment(deploymentId("purged")))?.standing;
    if (standing === "purged") expect(foundInFiles("secret-of-purged")).toEqual([]);
    if (lines.includes("purged")) expect(standing).toBe("purged");
    expect(store.traits.acceptedLoss).toBeUndefined();
    await store.close();
    expect(checkStore(file, { deep: true, onProgress: () => {}, codec }).findings).toEqual([]);

    expect(await runStoreProcess(file, edits)).toEqual(["redacted", "hidden", "purged", "imported"]);

    for (const secret of ["secret-of-leak", "secret-of-purged", "secret-actor-of-purged"]) {
      expect(foundInFiles(secret)).toEqual([]);
    }
    const again = await openSqliteStore({ file, codec });
    expect(await readSequences(again, "redacted")).toEqual(sequencesTo(72));
    expect(await readSequences(again, "hidden", { hidden: true })).toEqual(sequencesTo(70));
    expect(await again.readDeployment(deploymentId("purged"))).toMatchObject({
      headSequence: 1_101,
      standing: "purged",
    });
    expect((await readSequences(again, "imported")).length).toBeGreaterThanOrEqual(70);
    await again.close();
    expect(checkStore(file, { deep: true, onProgress: () => {}, codec }).findings).toEqual([]);
  }
}, 900_000);
