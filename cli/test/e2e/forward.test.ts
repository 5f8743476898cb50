import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ActivityEventsClient } from "@activity-events/client";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { type Answer, deadUrl, type Received, startReceiver } from "./receiver.ts";
import { endClients, type RunningClient, runClient, startClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

type Events = NonNullable<Parameters<ActivityEventsClient["batchCreateEvents"]>[0]["events"]>;

async function record(address: string, deploymentId: string, ...events: Events): Promise<void> {
  const client = new ActivityEventsClient({ address, tls: false });
  await client.batchCreateEvents({ deploymentId, events }, { timeoutMs: 60_000 }).finally(() => client.close());
}

const newCursor = () => join(temporaryFolder().path, "receiver.cursor");
const placeOf = ({ body }: Received) => {
  const { deploymentId, sequence } = JSON.parse(body);
  return `${deploymentId}/${sequence}`;
};
const isKnown = (file: string, line: string) => () => existsSync(file) && readFileSync(file, "utf8").includes(line);
/** Waits until what comes is forwarded. */
const begun = (cursor: string) => until(isKnown(cursor, `{"complete":true}`), "it says where it begins");
const says = (client: RunningClient, text: string) => until(() => client.errors().includes(text), `it says ${text}`);

test("tells what comes after its first start, and after a pause what came meanwhile, each once", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  await using receiver = await startReceiver();
  const cursor = newCursor();
  const args = ["forward", "--to", receiver.url, "--cursor", cursor];
  await record(address, "old", { message: "1" }, { message: "2" });
  const first = startClient({ args, address });
  await begun(cursor);
  await record(address, "old", { message: "3" });
  await record(address, "new", { message: "1" });
  await until(() => receiver.received.length === 2, "both are told");
  first.child.kill("SIGTERM");

  expect((await first.ended).exitCode).toBe(143);
  await record(address, "old", { message: "4" });
  await record(address, "later", { message: "1" });
  const second = await runClient({ args: [...args, "--no-follow"], address });

  expect(second).toMatchObject({ exitCode: 0, errors: "" });
  expect(receiver.received.map(placeOf).sort()).toEqual(["later/1", "new/1", "old/3", "old/4"]);
  const told = JSON.parse(receiver.received[0]?.body ?? "");
  expect(told).toMatchObject({ name: expect.stringContaining("deployments/"), receiveTime: expect.any(String) });
  expect(receiver.received[0]?.headers["content-type"]).toBe("application/json");
});

test("says of a deployment that vanishes that it tells no more of it, and goes on with the others", async () => {
  const dataDir = temporaryFolder().path;
  const { address } = await startService({ dataDir, environment: { STORE: "memory" } });
  await using receiver = await startReceiver();
  const cursor = newCursor();
  await record(address, "deleted", { message: "1" });
  await record(address, "purged", { message: "1" });
  const running = startClient({ args: ["forward", "--to", receiver.url, "--cursor", cursor], address });
  await begun(cursor);

  const asAdmin = { address, environment: { DATA_DIR: dataDir } };
  await runClient({ args: ["delete", "deleted"], ...asAdmin });
  await runClient({ args: ["purge", "purged", "--yes"], ...asAdmin });
  await says(running, "deleted: there is no deployment deleted; nothing more is told of it.");
  await says(running, "purged: deployment purged is purged; its events are gone for good; nothing more is told of it.");
  await record(address, "other", { message: "1" });

  await until(() => receiver.received.some((told) => placeOf(told) === "other/1"), "the other is told");
});

test("misses nothing and keeps the order of each deployment, while it is killed with -9 as it sends", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  await using receiver = await startReceiver();
  const cursor = newCursor();
  const start = () => startClient({ args: ["forward", "--to", receiver.url, "--cursor", cursor], address });
  let running = start();
  await begun(cursor);
  const ids = Array.from({ length: 6 }, (_, index) => `d-${index}`);
  const events: Events = Array.from({ length: 100 }, (_, index) => ({ message: `${index + 1}` }));

  await Promise.all(ids.map((id) => record(address, id, ...events)));
  for (const reached of [20, 150, 300]) {
    await until(() => receiver.received.length >= reached, `${reached} are told`);
    running.child.kill("SIGKILL");
    await running.ended;
    running = start();
  }

  const firsts = () => [...new Set(receiver.received.map(placeOf))];
  await until(() => firsts().length >= 600, "all are told");
  for (const id of ids) {
    const sequences = firsts().filter((place) => place.startsWith(`${id}/`));
    expect(sequences).toEqual(events.map((_, index) => `${id}/${index + 1}`));
  }
});

test("waits for a target that is away, asks for patience or breaks off, and says so once", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const answers: (Answer | undefined)[] = [
    { status: 503 },
    { status: 429, headers: { "retry-after": "1" } },
    undefined,
  ];
  const port = await freePort();
  const cursor = newCursor();
  const args = ["forward", "--to", `http://127.0.0.1:${port}`, "--cursor", cursor, "--from-start"];
  await record(address, "d", { message: "1" }, { message: "2" });
  const client = startClient({ args, address });
  await says(client, "The target takes nothing now: connect ECONNREFUSED");

  await using receiver = await startReceiver(() => (answers.length > 0 ? answers.shift() : { status: 204 }), port);
  await says(client, "The target takes events again.");
  await until(() => receiver.received.map(placeOf).includes("d/2"), "the second is told");

  expect(receiver.received.map(placeOf)).toEqual([...Array(4).fill("d/1"), "d/2"]);
  expect(client.errors().split("\n").length).toBe(3);
});

test("an event that the target refuses holds up its deployment alone, until it is passed over", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  await using receiver = await startReceiver(({ body }) =>
    body.includes("rubbish") ? { status: 422, body: "no\nway" } : { status: 200 },
  );
  const cursor = newCursor();
  const args = ["forward", "--to", receiver.url, "--cursor", cursor, "--from-start"];
  await record(address, "bad", { message: "1" }, { message: "rubbish" }, { message: "3" });
  const client = startClient({ args, address });
  await says(client, "bad: waiting at event 2, since the target refuses it: it answered 422: no\\nway");

  await record(address, "good", { message: "1" });
  await until(() => receiver.received.map(placeOf).includes("good/1"), "the other deployment goes on");
  client.child.kill("SIGTERM");
  await client.ended;

  expect(await runClient({ args: [...args, "--no-follow"], address })).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining("1 deployment is not told to the end."),
  });
  const passed = await runClient({ args: [...args, "--no-follow", "--pass-over", "bad/2"], address });

  expect(passed).toMatchObject({ exitCode: 0, errors: "" });
  expect(receiver.received.map(placeOf).at(-1)).toBe("bad/3");
});

test("goes on over a kill -9 of the service", async () => {
  const options = { dataDir: temporaryFolder().path, port: await freePort() };
  const service = await startService(options);
  await using receiver = await startReceiver();
  const cursor = newCursor();
  startClient({ args: ["forward", "--to", receiver.url, "--cursor", cursor], address: service.address });
  await begun(cursor);
  await record(service.address, "d", { message: "1" });
  await service.kill();
  await startService(options);

  await record(service.address, "d", { message: "2" });

  await until(() => receiver.received.length >= 2, "both are told");
  expect(receiver.received.map(placeOf)).toEqual(["d/1", "d/2"]);
});

/** Has a deployment forwarded, and then the service restored from a copy that lacks its last events. */
async function restored(to: string, lost: Events) {
  const options = { dataDir: temporaryFolder().path, port: await freePort() };
  const before = await startService(options);
  const args = ["forward", "--to", to, "--cursor", newCursor(), "--from-start"];
  await record(before.address, "d", { message: "1" });
  before.signal("SIGTERM");
  await before.exited;
  const copy = temporaryFolder().path;
  cpSync(options.dataDir, copy, { recursive: true });
  const later = await startService(options);
  await record(later.address, "d", ...lost);
  await runClient({ args: [...args, "--no-follow"], address: later.address });
  later.signal("SIGTERM");
  await later.exited;
  const { address } = await startService({ ...options, dataDir: copy });
  return { address, args };
}

test("tells a deployment from its first event when the service is restored from an older copy", async () => {
  await using receiver = await startReceiver();
  const { address, args } = await restored(receiver.url, [{ message: "lost" }, { message: "lost too" }]);

  const client = startClient({ args, address });
  await says(
    client,
    "d: the service has other events than were forwarded, as after a restore; telling it from its first event.",
  );
  await record(address, "d", { message: "other" }, { message: "others" });
  await until(() => receiver.received.length >= 6, "all three are told");

  const messages = receiver.received.map(({ body }) => JSON.parse(body).message);
  expect(messages).toEqual(["1", "lost", "lost too", "1", "other", "others"]);
});

test("tells a deployment from its first event when a restored one has grown beyond what was told", async () => {
  await using receiver = await startReceiver();
  const { address, args } = await restored(receiver.url, [{ message: "lost" }]);
  await record(address, "d", { message: "other" });

  const { exitCode, errors } = await runClient({ args: [...args, "--no-follow"], address });

  expect(exitCode).toBe(0);
  expect(errors).toContain("telling it from its first event");
  expect(receiver.received.map(({ body }) => JSON.parse(body).message)).toEqual(["1", "lost", "1", "other"]);
});

test("tells only what matches", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  await using receiver = await startReceiver();
  const args = ["forward", "--to", receiver.url, "--cursor", newCursor(), "--from-start", "--no-follow"];
  await record(address, "a", { type: "deployment.started", environment: "prod" }, { message: "2", severity: 500 });
  await record(address, "b", { type: "deployment.started", environment: "dev", labels: { team: "a" } });

  await runClient({ args: [...args, "--environment", "prod", "--severity-min", "error"], address });
  expect(receiver.received.map(placeOf)).toEqual(["a/2"]);
  args[4] = newCursor();
  await runClient({ args: [...args, "--type-prefix", "deployment.st", "--label", "team=a"], address });
  expect(receiver.received.map(placeOf)).toEqual(["a/2", "b/1"]);
});

test("says what is wrong with its flags, and what to do", async () => {
  const address = await deadUrl();
  const cursor = newCursor();
  const run = (...args: string[]) =>
    runClient({ args: ["forward", ...args], address: address.slice("http://".length) });

  const wrong = new Map([
    [["--to", "slack"], "required option '--cursor <file>' not specified"],
    [["--to", "slack", "--cursor", cursor], "--to slack needs a URL: set FORWARD_URL, or --url."],
    [["--to", "fax", "--cursor", cursor], "--to fax: expected a URL, cloudevents, slack"],
    [["--to", "grafana", "--url", "ftp://a", "--cursor", cursor], "must begin with http:// or https://"],
    [["--to", "https://a:b@c", "--cursor", cursor], "must hold no password; set FORWARD_TOKEN instead"],
    [
      ["--to", "pubsub:events", "--cursor", cursor],
      "needs GOOGLE_CLOUD_PROJECT, or the name in full: projects/PROJECT/topics/TOPIC.",
    ],
    [["--to", "pubsub:projects/a/b", "--cursor", cursor], "--to pubsub:projects/a/b: not the name of a topic."],
    [["--to", address, "--cursor", cursor, "--template", "{colour}"], "There is no field {colour}."],
    [["--to", address, "--cursor", cursor, "--pass-over", "7"], "Expected DEPLOYMENT/SEQUENCE, such as release-42/7."],
    [["--to", address, "--cursor", join(cursor, "b")], "--cursor"],
  ]);
  for (const [args, text] of wrong) {
    const { exitCode, errors } = await run(...args);
    expect(errors).toContain(text);
    expect(exitCode).toBe(2);
  }
});
