import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ActivityEventsClient } from "@activity-events/client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient, startClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

/** Starts a service and returns how to call it as somebody who has its folder; the arguments are in one string, parted by spaces. */
async function service() {
  const dataDir = temporaryFolder().path;
  const { address } = await startService({ dataDir, environment: { STORE: "memory" } });
  const client = new ActivityEventsClient({ address, tls: false });
  const record = async (deploymentId: string, ...messages: readonly string[]) => {
    for (const message of messages) {
      await client.createEvent({
        event: { deploymentId, eventId: message, message, environment: `env-${deploymentId}` },
      });
    }
  };
  const asAdmin = { DATA_DIR: dataDir };
  const call = (line: string, environment: Readonly<Record<string, string>> = asAdmin) =>
    runClient({ args: line.split(" "), address, environment });
  return { address, client, record, call };
}

const newFile = () => join(temporaryFolder().path, "checkpoint");

test("redacts an event, tells what is gone, and verify accepts the history", async () => {
  const { client, record, call } = await service();
  await record("d", "before", "hunter2");
  const checkpoint = newFile();
  await call(`verify --checkpoint ${checkpoint}`);

  const would = await call("redact d hunter2 --dry-run");
  const redacted = await call("redact d hunter2 --yes --reason mistake");
  const again = await call("redact --deployment-id d --event-id hunter2 --yes --json");
  const listed = await call("list d --json");
  const verified = await call(`verify --checkpoint ${checkpoint}`);

  client.close();
  const fields = ["deployment_id\td", "event_id\thunter2", "sequence\t2"];
  const emptied = "emptied_fields\tmessage";
  expect(would.output).toBe(`${[...fields, "result\twould be redacted", emptied].join("\n")}\n`);
  expect(redacted).toEqual({
    exitCode: 0,
    output: `${[...fields, "result\tredacted", emptied, "notice_sequence\t3"].join("\n")}\n`,
    errors: "",
  });
  expect(JSON.parse(again.output)).not.toHaveProperty("emptiedFields");
  const events = listed.output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events[1]).toMatchObject({ eventId: "hunter2", sequence: "2", environment: "env-d" });
  expect(events[1]).not.toHaveProperty("message");
  expect(events[2]).toMatchObject({
    type: "activityevents.redacted",
    message: "mistake",
    principal: "token:admin",
    data: { eventId: "hunter2", sequence: 2 },
  });
  const output = "1 deployment with 3 events verified: no faults\n";
  expect(verified).toEqual({ exitCode: 0, output, errors: "" });
});

test("hides deployments and shows them again, goes on after one that is not there, and verify looks at them", async () => {
  const { client, record, call } = await service();
  for (const id of ["a", "b"]) await record(id, "m");
  const checkpoint = newFile();
  await call(`verify --checkpoint ${checkpoint}`);

  const would = await call("delete a --dry-run");
  const deleted = await call("delete a none b");
  const again = await call("delete a --json");
  const listed = await call("deployments");
  const shown = await call("deployments --show-deleted");
  const read = await call("get a m");
  const seen = await call(`verify --checkpoint ${checkpoint}`);
  const unseen = await call(`verify --checkpoint ${checkpoint}`, {});
  const undeleted = await call("undelete --deployment-id a b");
  const after = await call("deployments");

  client.close();
  expect(would).toMatchObject({ exitCode: 0, output: "a\t1\twould be deleted\n" });
  expect(deleted).toMatchObject({ exitCode: 3, output: "a\t1\tdeleted\nb\t1\tdeleted\n" });
  expect(deleted.errors).toBe(
    "activity_client: none: DEPLOYMENT_NOT_FOUND: there is no deployment none\nactivity_client: 2 of 3 deleted.\n",
  );
  expect(JSON.parse(again.output)).toMatchObject({ alreadyDeleted: true, deployment: { deploymentId: "a" } });
  expect(listed.output).toBe("");
  expect(shown.output).toMatch(/^b\t1\tDELETED\t.*\na\t1\tDELETED\t.*\n$/);
  expect(read).toMatchObject({ exitCode: 3, errors: expect.stringContaining("EVENT_NOT_FOUND") });
  expect(seen).toEqual({ exitCode: 0, output: "2 deployments with 2 events verified: no faults\n", errors: "" });
  expect(unseen).toMatchObject({
    exitCode: 7,
    output: expect.stringMatching(
      /^b\tCHECKPOINT_MISSING\t.*\na\tCHECKPOINT_MISSING\t.*\n.*; deleted ones were not looked at\n$/,
    ),
  });
  expect(undeleted).toMatchObject({ exitCode: 0, output: "b\t1\tundeleted\na\t1\tundeleted\n" });
  expect(after.output.split("\n")).toHaveLength(3);
});

test("purges deployments, and verify lists those that the checkpoint has, once, with or without the role", async () => {
  const { client, record, call } = await service();
  for (const id of ["a", "b", "c"]) await record(id, "m");
  const [ofAdmin, ofReader] = [newFile(), newFile()];
  await call(`verify --checkpoint ${ofAdmin}`);
  await call(`verify --checkpoint ${ofReader}`, {});

  const unasked = await call("purge a");
  const would = await call("purge a --dry-run");
  const purged = await call("purge a b --yes --reason old");
  const again = await call("purge a --yes --json");
  const read = await call("get a m");
  const seen = await call(`verify --checkpoint ${ofAdmin}`);
  const later = await call(`verify --checkpoint ${ofAdmin}`);
  const unseen = await call(`verify --json --checkpoint ${ofReader}`, {});

  client.close();
  expect(unasked).toMatchObject({ exitCode: 2, output: "", errors: expect.stringContaining("it needs --yes") });
  expect(would).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^a\t\d\twould be purged\n$/) });
  expect(purged).toEqual({ exitCode: 0, output: "a\t2\tpurged\nb\t2\tpurged\n", errors: "" });
  expect(JSON.parse(again.output)).toMatchObject({ alreadyPurged: true });
  expect(read).toMatchObject({ exitCode: 3, errors: expect.stringContaining("DEPLOYMENT_PURGED: ") });
  const summary = "1 deployment with 1 event verified: no faults; 2 purged\n";
  expect(seen).toMatchObject({ exitCode: 0, output: summary });
  expect(seen.errors).toMatch(
    /^activity_client: b was purged; its last pair is 2 [0-9a-f]{64}\.\nactivity_client: a was purged; .*\n$/,
  );
  expect(later).toEqual({ exitCode: 0, output: summary, errors: "" });
  expect(unseen.exitCode).toBe(0);
  expect(
    unseen.output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { purged: "b", sequence: "2" },
    { purged: "a", sequence: "2" },
    { deployments: 1, faults: 0, purged: 2, deletedSeen: false },
  ]);
});

test("wipes what matches only with --yes and the name of the store, which the dry run tells", async () => {
  const { address, client, record, call } = await service();
  for (const id of ["a", "b1", "b2"]) await record(id, "m");

  const dry = await call("purge --prefix b");
  const unnamed = await call("purge --all --yes");
  const misnamed = await call("purge --all --yes --store prod");
  const both = await call("purge a --all --yes");
  const untouched = await call("deployments");
  const wiped = await call(`purge --environment env-b1 --yes --store ${address}`);
  const all = await call(`purge --all --yes --store ${address}`);
  const nothing = await call(`purge --all --yes --store ${address}`);

  client.close();
  expect(dry).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/^b2\t\d\twould be purged\nb1\t\d\twould be purged\n$/),
  });
  expect(dry.errors).toBe(
    `activity_client: A dry run: 2 deployments with 4 events of the store ${address} match. --yes purges them; it asks for the name of the store, or takes it by --store ${address}.\n`,
  );
  expect(unnamed).toMatchObject({ exitCode: 2, errors: expect.stringContaining(`need --store ${address}`) });
  expect(misnamed).toMatchObject({
    exitCode: 2,
    errors: expect.stringContaining(`the name of the store is ${address}`),
  });
  expect(both.exitCode).toBe(2);
  expect(untouched.output.trimEnd().split("\n")).toHaveLength(3);
  expect(wiped).toMatchObject({ exitCode: 0, output: "b1\t2\tpurged\n" });
  expect(all).toMatchObject({ exitCode: 0, output: "b2\t2\tpurged\na\t2\tpurged\n" });
  expect(nothing).toMatchObject({ exitCode: 0, output: "" });
});

test("says where the token of an admin comes from, sends the one it finds to no reader's command, and prefers a given one", async () => {
  const { client, record, call } = await service();
  await record("a", "m");
  const wrong = join(temporaryFolder().path, "token");
  writeFileSync(wrong, "wrong");
  const broken = temporaryFolder().path;
  writeFileSync(join(broken, "admin-token"), "");

  const without = await call("delete a", { DATA_DIR: "/nowhere" });
  const given = await call(`--token-file ${wrong} delete a`);
  const unusable = await call("delete a", { DATA_DIR: broken });
  const reading = await call("deployments", { DATA_DIR: broken });

  client.close();
  expect(without.exitCode).toBe(1);
  expect(without.errors).toMatch(
    /^activity_client: CREDENTIALS_MISSING: .*\n {2}Give an admin's token with --token-file FILE,/,
  );
  expect(without.errors).toContain("looked for /nowhere/admin-token");
  expect(given).toMatchObject({ exitCode: 1, errors: expect.stringContaining("CREDENTIALS_INVALID") });
  expect(unusable).toMatchObject({ exitCode: 2, errors: expect.stringContaining("admin-token is empty") });
  expect(reading.exitCode).toBe(0);
});

test("ends a tail of a deployment that vanishes with a sentence, and lets one of all go on", async () => {
  const { address, client, record, call } = await service();
  for (const id of ["a", "b", "c"]) await record(id, "m");
  const start = (line: string) => startClient({ args: line.split(" "), address });
  const [ofA, ofB, ofAll] = [start("tail a"), start("tail b"), start("tail --from-start")];
  await until(
    () => ofA.lines().length === 1 && ofB.lines().length === 1 && ofAll.lines().length === 3,
    "the events are shown",
  );

  await call("delete a");
  await call("purge b --yes");
  const [a, b] = [await ofA.ended, await ofB.ended];
  await record("c", "last");
  await until(() => ofAll.lines().some((line) => line.endsWith("last")), "the last event is shown");

  client.close();
  expect(a).toMatchObject({ exitCode: 3, errors: 'activity_client: The deployment "a" was deleted.\n' });
  expect(b).toMatchObject({ exitCode: 3, errors: expect.stringContaining("DEPLOYMENT_PURGED: ") });
  expect(ofAll.errors()).toBe("");
});
