import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ActivityEventsClient } from "@activity-events/client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { startReceiver } from "./receiver.ts";
import { endClients, runClient, startClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

/** Starts a service with three events of `bad` and one of `good`, and changes its file behind its back. */
async function startDamaged(statement: string): Promise<string> {
  const dataDir = temporaryFolder().path;
  const { address } = await startService({ dataDir });
  const client = new ActivityEventsClient({ address, tls: false });
  const messages = (...texts: string[]) => texts.map((message) => ({ message }));
  await client.batchCreateEvents({ deploymentId: "bad", events: messages("1", "2", "3") });
  await client.batchCreateEvents({ deploymentId: "good", events: messages("1") });
  client.close();
  using file = new DatabaseSync(join(dataDir, "events.db"));
  file.exec(statement);
  return address;
}

const damagedEvent = "UPDATE events SET labels = '{' WHERE sequence = 2";
const damagedHead = "UPDATE heads SET head_sequence = 7 WHERE deployment = 1";

test("forward waits at a damaged event, tells the other deployments, and passes it over when told to", async () => {
  const address = await startDamaged(damagedEvent);
  await using receiver = await startReceiver();
  const cursor = join(temporaryFolder().path, "cursor");
  const args = ["forward", "--to", receiver.url, "--cursor", cursor, "--from-start", "--no-follow"];
  const told = () =>
    receiver.received
      .map(({ body }) => JSON.parse(body))
      .map(({ deploymentId, sequence }) => `${deploymentId}/${sequence}`);

  const waiting = await runClient({ args, address });
  const toldBefore = told();
  const passed = await runClient({ args: [...args, "--pass-over", "bad/2"], address });

  expect(waiting.exitCode).toBe(1);
  expect(waiting.errors).toMatch(/bad: waiting at event 2, since .*; --pass-over bad\/2 leaves it out\.\n/);
  expect(waiting.errors).toContain("1 deployment is not told to the end.");
  expect(toldBefore.toSorted()).toEqual(["bad/1", "good/1"]);
  expect(passed).toMatchObject({ exitCode: 0, errors: "" });
  expect(told().slice(2)).toEqual(["bad/3"]);
});

test.each([
  ["tail", ["tail", "--no-follow"], 1, "good\t1"],
  ["forward", ["forward", "--from-start", "--no-follow"], 0, "good\t1"],
])("%s names a deployment whose head is damaged, and shows the others", async (_, args, exitCode, row) => {
  const address = await startDamaged(damagedHead);
  await using receiver = await startReceiver();
  const target = ["--to", receiver.url, "--cursor", join(temporaryFolder().path, "cursor")];

  const ended = await runClient({ args: args[0] === "forward" ? [...args, ...target] : args, address });

  expect(ended.exitCode).toBe(exitCode);
  expect(ended.errors).toContain("bad is damaged in the store");
  expect(ended.output).toContain(row);
  expect(ended.output).not.toContain("bad");
});

test("tail of all deployments says where one is damaged, and goes on with the others", async () => {
  const address = await startDamaged(damagedEvent);

  const { exitCode, output, errors } = await runClient({ args: ["tail", "--no-follow"], address });

  expect(exitCode).toBe(1);
  expect(errors).toMatch(/bad is damaged in the store: .+\.\n/);
  expect(output.split("\n").map((row) => row.split("\t").slice(0, 2).join("/"))).toEqual(
    expect.arrayContaining(["bad/1", "good/1"]),
  );
});

test("deployments --watch names a damaged one, and shows the others", async () => {
  const address = await startDamaged(damagedHead);
  const client = startClient({ args: ["deployments", "--watch"], address });

  await until(() => client.lines().length === 1, "the other is shown");
  await until(() => client.errors().includes("bad is damaged in the store."), "it is named");

  expect(client.lines()[0]).toMatch(/^good\t1/);
});
