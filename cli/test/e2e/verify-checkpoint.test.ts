import { existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ActivityEventsClient } from "@activity-events/client";
import {
  GetDeploymentResponseSchema,
  ListDeploymentsResponseSchema,
  ListEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { emptyHistory, withEvent } from "../../../client/src/verify/history-hash.ts";
import { receivedEvent } from "../../../client/src/verify/received-event.ts";
import { type Alter, edited, openAlteringProxy } from "./altering-proxy.ts";
import { endClients, runClient, startClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

/** A service with one event in each of these deployments, and what records more. */
async function serviceWith(...deploymentIds: readonly string[]) {
  const { address } = await startService({ dataDir: temporaryFolder().path, environment: { STORE: "memory" } });
  const client = new ActivityEventsClient({ address, tls: false });
  const record = async (ids: readonly string[], message: string) => {
    for (const deploymentId of ids) await client.createEvent({ event: { deploymentId, eventId: message, message } });
  };
  await record(deploymentIds, "first");
  return { address, client, record };
}

const newFile = () => join(temporaryFolder().path, "checkpoint");
const verify = (address: string, file: string, ...args: readonly string[]) =>
  runClient({ args: ["verify", "--checkpoint", file, ...args], address });
const kept = (file: string) =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.includes("historyHash"))
    .map((line) => JSON.parse(line))
    .map(({ deploymentId, historyHashSequence }) => `${deploymentId} ${historyHashSequence}`);

const head = (edit: (head: Deployment) => void): Record<string, Alter> => ({
  ListDeployments: edited(ListDeploymentsResponseSchema, (page) => page.deployments.forEach(edit)),
  GetDeployment: edited(GetDeploymentResponseSchema, ({ deployment }) => deployment && edit(deployment)),
});
test("keeps the hashes for their owner alone, and holds a history that grew to them", async () => {
  const { address, record } = await serviceWith("a", "b");
  const file = newFile();

  const first = await verify(address, file);
  const keptFirst = kept(file);
  await record(["a", "c"], "second");
  const second = await verify(address, file);

  expect(first).toEqual({
    exitCode: 0,
    output: "2 deployments with 2 events verified: no faults; deleted ones were not looked at\n",
    errors: "",
  });
  expect(keptFirst).toEqual(["b 1", "a 1"]);
  expect(second).toEqual({
    exitCode: 0,
    output: "3 deployments with 4 events verified: no faults; deleted ones were not looked at\n",
    errors: "",
  });
  expect(kept(file)).toEqual(["c 1", "b 1", "a 2"]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(file, ".."))).toEqual(["checkpoint"]);
});

test("finds a history that was rewritten under the same ids, and one that is gone, and leaves the file as it was", async () => {
  const { address } = await serviceWith("a", "b", "c");
  const file = newFile();
  await verify(address, file);
  const before = readFileSync(file, "utf8");
  // Its histories are whole.
  const other = await serviceWith("a", "b");

  const differs = await verify(other.address, file);
  const one = await verify(other.address, file, "--deployment-id", "a");
  const same = await verify(address, file);

  expect(differs.exitCode).toBe(7);
  const rows = differs.output.split("\n").map((row) => row.split("\t").slice(0, 2).join(" "));
  expect(rows.filter((row) => row.includes("CHECKPOINT")).sort()).toEqual([
    "a CHECKPOINT_CREATE_TIME",
    "b CHECKPOINT_CREATE_TIME",
    "c CHECKPOINT_MISSING",
  ]);
  expect(one.output).toMatch(/^a\tCHECKPOINT_CREATE_TIME\t\tcreate time is \d+ µs; the checkpoint has \d+ µs\n/m);
  expect(one.exitCode).toBe(7);
  expect(readFileSync(file, "utf8")).toBe(before);
  expect(same.exitCode).toBe(0);
});

test("finds a history that was rewritten from end to end, and begins when it began", async () => {
  const { address, client } = await serviceWith("a");
  client.close();
  const file = newFile();
  await verify(address, file);
  let historyHash = emptyHistory("a");
  await using proxy = await openAlteringProxy(address);
  proxy.alterations.ListDeployments = edited(ListDeploymentsResponseSchema, (page) => {
    for (const one of page.deployments) Object.assign(one, { historyHash });
  });
  const alterMessage = edited(ListEventsResponseSchema, (page) => {
    for (const event of page.events) event.message = "other";
  });
  proxy.alterations.ListEvents = alterMessage;
  const altered = new ActivityEventsClient({ address: proxy.address, tls: false });
  for (const encoded of (await altered.readEncodedEvents({ deploymentId: "a" })).items) {
    const { event, receiveTimeUs = 0n, commitment = new Uint8Array() } = receivedEvent(encoded);
    historyHash = withEvent(historyHash, { sequence: event.sequence, receiveTimeUs, commitment });
  }
  altered.close();

  const alone = await runClient({ args: ["verify"], address: proxy.address });
  const compared = await verify(proxy.address, file);

  expect(alone.exitCode).toBe(0);
  const row = /^a\tCHECKPOINT_HASH\t1\tthe events 1 to 1 hash to [0-9a-f]{64}; the checkpoint has [0-9a-f]{64}\n/;
  expect(compared.output).toMatch(row);
  expect(compared.exitCode).toBe(7);
});

test("keeps a deployment without a history hash by its name, and misses it", async () => {
  const { address, client } = await serviceWith("a", "b");
  client.close();
  const file = newFile();
  await using older = await openAlteringProxy(address);
  const nothing = { historyHash: new Uint8Array(), historyHashSequence: 0n, historyHashFrom: 0n };
  Object.assign(
    older.alterations,
    head((one) => Object.assign(one, nothing)),
    {
      ListEvents: edited(ListEventsResponseSchema, (page) => {
        for (const event of page.events) event.salt = new Uint8Array();
      }),
    },
  );
  const other = await serviceWith("c");
  other.client.close();

  const first = await verify(older.address, file);
  const same = await verify(older.address, file);
  const gone = await verify(other.address, file);

  const output =
    "2 deployments with 2 events verified: no faults; 2 without a history hash; deleted ones were not looked at\n";
  expect([first, same]).toEqual(Array(2).fill({ exitCode: 0, output, errors: "" }));
  expect(gone.output).toContain("a\tCHECKPOINT_MISSING\t\tit is in the checkpoint but is not found\n");
  expect(gone.exitCode).toBe(7);
});

test("writes behind a symbolic link, also where nothing is there yet, and takes no empty name", async () => {
  const { address, client, record } = await serviceWith("a");
  const [file, link] = [newFile(), newFile()];
  symlinkSync(file, link);

  const first = await verify(address, link);
  const keptFirst = kept(file);
  await record(["a"], "second");
  const second = await verify(address, link);
  const empty = await verify("127.0.0.1:1", "");

  client.close();
  expect([first.exitCode, keptFirst]).toEqual([0, ["a 1"]]);
  expect([second.exitCode, kept(file)]).toEqual([0, ["a 2"]]);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect([readdirSync(join(file, "..")), readdirSync(join(link, ".."))]).toEqual([["checkpoint"], ["checkpoint"]]);
  expect(empty).toMatchObject({ exitCode: 2, output: "" });
  expect(empty.errors).toContain("Expected a file name; it is empty");
});

test("compares only the deployments that are asked for, and keeps what it kept of others", async () => {
  const { address, client, record } = await serviceWith("a", "b");
  const file = newFile();
  await verify(address, file);
  await record(["a", "b", "c"], "second");

  const asked = await verify(address, file, "--deployment-id", "c", "--deployment-id", "a");

  client.close();
  expect(asked).toMatchObject({ exitCode: 0, output: "2 deployments with 3 events verified: no faults\n" });
  expect(kept(file)).toEqual(["c 1", "b 1", "a 2"]);
});

test("finds a history that is shorter, though it is whole in itself", async () => {
  const { address, client, record } = await serviceWith("a");
  const shorter = await client.getDeployment({ deploymentId: "a" });
  await record(["a"], "second");
  const file = newFile();
  await verify(address, file);
  await using proxy = await openAlteringProxy(address);
  const events = edited(ListEventsResponseSchema, (page) => page.events.splice(1));
  Object.assign(
    proxy.alterations,
    head((one) => Object.assign(one, shorter)),
    { ListEvents: events },
  );

  const verified = await verify(proxy.address, file);

  client.close();
  const row = "a\tCHECKPOINT_SHORTER\t\tthe history hash ends at event 1; the checkpoint has one up to 2\n";
  expect(verified).toMatchObject({ exitCode: 7, output: expect.stringContaining(row) });
});

test("finds a history hash that begins later than the one that was kept, or is there no more", async () => {
  const { address, client, record } = await serviceWith("a");
  await record(["a"], "second");
  const file = newFile();
  await verify(address, file);
  const [, second] = (await client.readEncodedEvents({ deploymentId: "a" })).items.map(receivedEvent);
  client.close();
  if (second?.commitment === undefined || second.receiveTimeUs === undefined) throw new Error("an event is missing");
  const { receiveTimeUs, commitment } = second;
  const historyHash = withEvent(emptyHistory("a"), { sequence: 2n, receiveTimeUs, commitment });
  await using later = await openAlteringProxy(address);
  Object.assign(
    later.alterations,
    head((one) => Object.assign(one, { historyHash, historyHashFrom: 2n })),
  );
  await using none = await openAlteringProxy(address);
  const nothing = { historyHash: new Uint8Array(), historyHashSequence: 0n, historyHashFrom: 0n };
  Object.assign(
    none.alterations,
    head((one) => Object.assign(one, nothing)),
  );

  const [withoutFile, begun, gone] = await Promise.all([
    runClient({ args: ["verify"], address: later.address }),
    verify(later.address, file),
    verify(none.address, file),
  ]);

  expect(withoutFile.exitCode).toBe(8);
  const row = "a\tCHECKPOINT_FROM\t\tthe history hash starts at event 2; the checkpoint has one from 1\n";
  expect(begun).toMatchObject({ exitCode: 7, output: expect.stringContaining(row) });
  const goneRow = "a\tCHECKPOINT_FROM\t\tthe head has no history hash any more\n";
  expect(gone).toMatchObject({ exitCode: 7, output: expect.stringContaining(goneRow) });
});

test("keeps nothing of a service that contradicts itself", async () => {
  const { address, client } = await serviceWith("a");
  client.close();
  await using proxy = await openAlteringProxy(address);
  Object.assign(
    proxy.alterations,
    head((one) => Object.assign(one, { environment: "other" })),
  );
  const file = newFile();

  const verified = await verify(proxy.address, file);

  expect(verified.exitCode).toBe(8);
  expect(existsSync(file)).toBe(false);
  expect(readdirSync(join(file, ".."))).toEqual([]);
});

test("refuses a file that is damaged or foreign, by its name, and asks no service", async () => {
  const { address, client } = await serviceWith("a");
  client.close();
  const file = newFile();
  await verify(address, file);
  const [damaged, foreign, folder] = [newFile(), newFile(), temporaryFolder().path];
  writeFileSync(
    damaged,
    readFileSync(file, "utf8").replace(/.(?="}\n{"deployments)/, (digit) => (digit === "0" ? "1" : "0")),
  );
  writeFileSync(foreign, '{"some":"thing"}\n');

  const results = await Promise.all([
    verify("127.0.0.1:1", damaged),
    verify("127.0.0.1:1", foreign),
    verify("127.0.0.1:1", folder),
    verify(address, join(folder, "none", "checkpoint")),
  ]);

  expect(results.map(({ exitCode, output }) => [exitCode, output])).toEqual(Array(4).fill([2, ""]));
  const errors = results.map((result) => result.errors);
  expect(errors[0]).toContain(`activity_client: --checkpoint ${damaged}: damaged at line 3.`);
  expect(errors[1]).toContain(`--checkpoint ${foreign}: not a checkpoint`);
  expect(errors[2]).toContain(`--checkpoint ${folder}: not a file.`);
  expect(errors[3]).toContain("cannot write it: ");
});

test("leaves the file as it was at Ctrl-C, and nothing beside it", async () => {
  const { address, client, record } = await serviceWith("a");
  const file = newFile();
  await verify(address, file);
  const before = readFileSync(file, "utf8");
  await record(["a"], "second");
  client.close();
  await using proxy = await openAlteringProxy(address);
  let isAsked = false;
  proxy.alterations.ListEvents = () => {
    isAsked = true;
    return new Promise(() => {});
  };
  const call = startClient({ args: ["--timeout", "600", "verify", "--checkpoint", file], address: proxy.address });
  await until(() => isAsked, "it reads events");

  call.child.kill("SIGINT");
  const ended = await call.ended;

  expect(ended).toEqual({ exitCode: 130, output: "", errors: "" });
  expect(readFileSync(file, "utf8")).toBe(before);
  expect(readdirSync(join(file, ".."))).toEqual(["checkpoint"]);
});
