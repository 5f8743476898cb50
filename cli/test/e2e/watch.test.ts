import { ActivityEventsClient } from "@activity-events/client";
import { Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, type RunningClient, runClient, startClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

type Events = Parameters<ActivityEventsClient["batchCreateEvents"]>[0]["events"];

async function record(address: string, deploymentId: string, ...events: NonNullable<Events>): Promise<void> {
  const client = new ActivityEventsClient({ address, tls: false });
  await client.batchCreateEvents({ deploymentId, events }, { timeoutMs: 120_000 }).finally(() => client.close());
}

/** The first columns of each line. */
const cells = (client: Pick<RunningClient, "lines">, count: number) =>
  client.lines().map((line) => line.split("\t").slice(0, count).join(" "));

const shows = (client: RunningClient, count: number) =>
  until(() => client.lines().length >= count, `${count} lines are shown`);

test("tail without an id shows what comes of every deployment, each event once, over kill -9 and a restart", async () => {
  const options = { dataDir: temporaryFolder().path, port: await freePort() };
  const first = await startService(options);
  await record(first.address, "before", { message: "1" });
  const client = startClient({ args: ["tail"], address: first.address });
  // It shows only what comes, so that the first to come tells that it watches.
  let tried = 0;
  await until(async () => {
    tried += 1;
    await record(first.address, "before", { message: "is it there?" });
    return client.lines().length > 0;
  }, "it watches");

  await record(first.address, "a", { message: "1" }, { message: "2" });
  await until(() => cells(client, 2).includes("a 2"), "the new one is shown");
  await first.kill();
  await startService(options);
  await record(first.address, "a", { message: "3" });
  await record(first.address, "b", { message: "1" });
  await until(() => cells(client, 2).includes("a 3") && cells(client, 2).includes("b 1"), "the later ones are shown");

  const shown = cells(client, 2);
  expect(shown.filter((line) => line.startsWith("a "))).toEqual(["a 1", "a 2", "a 3"]);
  expect(new Set(shown).size).toBe(shown.length);
  expect(shown.filter((line) => line.startsWith("before ")).at(-1)).toBe(`before ${tried + 1}`);
});

test("tail of an environment begins with what is recorded when told to, and takes the filters of events", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  await record(address, "a", { message: "1", environment: "prod" }, { type: "incident.opened" }, { message: "3" });
  await record(address, "b", { type: "incident.opened", environment: "dev" });

  const args = ["tail", "--environment", "prod", "--type-prefix", "incident."];
  const client = startClient({ args: [...args, "--from-start"], address });
  await shows(client, 1);
  await record(address, "a", { message: "4" }, { type: "incident.resolved" });
  await shows(client, 2);
  const { exitCode, output } = await runClient({ args: [...args, "--no-follow", "--json"], address });

  expect(cells(client, 2)).toEqual(["a 2", "a 5"]);
  expect(exitCode).toBe(0);
  const events = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events).toMatchObject([
    { deploymentId: "a", sequence: "2" },
    { deploymentId: "a", sequence: "5" },
  ]);
});

test("deployments --watch shows each again that changes, and tells what matches no more", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  await record(address, "a", { type: "deployment.started", service: "shop" });
  await record(address, "b", { type: "deployment.started", service: "mail" });

  const client = startClient({ args: ["deployments", "--watch", "--service", "shop"], address });
  await shows(client, 1);
  await record(address, "b", { message: "of no interest" });
  await record(address, "a", { type: "deployment.finished", outcome: Outcome.SUCCESS });
  await shows(client, 2);
  await record(address, "a", { message: "moves", service: "mail" });
  await until(() => client.errors().includes("a does not match any more."), "it has left");

  expect(cells(client, 4)).toEqual(["a 1 RUNNING ", "a 2 FINISHED SUCCESS"]);
  expect(client.errors()).toBe("activity_client: a does not match any more.\n");
});

test.each([
  [["tail", "--after-sequence", "3"], "--after-sequence needs the id of a deployment."],
  [
    ["tail", "a", "--environment", "prod"],
    "The id of a deployment cannot be combined with --environment, --service and --from-start.",
  ],
  [["deployments", "--watch", "--limit", "3"], "--watch shows all that change, so it takes no --limit."],
])("%j is refused as a mistake", async (args, complaint) => {
  const { exitCode, errors } = await runClient({ args, address: "127.0.0.1:1" });

  expect({ exitCode, errors }).toEqual({ exitCode: 2, errors: expect.stringContaining(complaint) });
});
