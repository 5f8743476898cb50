import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

/** Starts a service and returns how to call it: the arguments in one string, parted by spaces. */
async function service() {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  return (line: string, input?: string) =>
    runClient({ args: line.split(" "), address, ...(input === undefined ? {} : { input }) });
}

test("records an event from its flags and shows it with all its fields", async () => {
  const call = await service();
  const flags = [
    "--deployment-id release-42 --event-id end --type deployment.finished --outcome success --severity notice",
    "--message done --source //ci --actor me --environment production --service web --revision v2 --commit c0ffee",
    '--url https://ci.example/7 --label team=blue --label a=b=c --data {"replicas":3} --expected-sequence 0',
    "--trace-parent 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 --send-time 2026-01-31T08:15:00.000000001Z",
    "--commit-time 2026-01-30T17:00:00+01:00",
  ].join(" ");

  const added = await call(`add ${flags}`);
  const got = await call("get --deployment-id release-42 --event-id end --json");

  expect(added).toEqual({ exitCode: 0, output: "release-42\t1\tend\trecorded\n", errors: "" });
  expect(JSON.parse(got.output)).toEqual({
    name: "deployments/release-42/events/end",
    eventId: "end",
    deploymentId: "release-42",
    sequence: "1",
    type: "deployment.finished",
    outcome: "OUTCOME_SUCCESS",
    severity: "SEVERITY_NOTICE",
    message: "done",
    sendTime: "2026-01-31T08:15:00.000000001Z",
    receiveTime: expect.any(String),
    source: "//ci",
    actor: "me",
    environment: "production",
    service: "web",
    revision: "v2",
    commit: "c0ffee",
    url: "https://ci.example/7",
    labels: { team: "blue", a: "b=c" },
    data: { replicas: 3 },
    traceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    commitTime: "2026-01-30T16:00:00Z",
    salt: expect.any(String),
  });
});

test("stamps an event with the time when it is sent, and counts a duplicate as done", async () => {
  const call = await service();
  const line = "add --deployment-id d --event-id e --message built --json";

  const first = JSON.parse((await call(line)).output);
  const again = await call(line);

  expect(Math.abs(Date.parse(first.event.sendTime) - Date.now())).toBeLessThan(60_000);
  expect(JSON.parse(again.output)).toMatchObject({ duplicate: true, event: first.event });
  expect(again.exitCode).toBe(0);
});

test("lists events and deployments: filtered, ordered, cut off, as rows or as proto JSON", async () => {
  const call = await service();
  await call("add --deployment-id a --type deployment.started --message on --environment staging");
  await call("add --deployment-id a --event-id e2 --message \x1b[31mred --severity error --label team=blue");
  await call("add --deployment-id b --message other");

  const [all, newest, graver, labelled, deployments, running, one] = await Promise.all([
    call("list --deployment-id a"),
    call("list --deployment-id a --order-by sequence-descending --limit 1 --json"),
    call("list --deployment-id a --severity-min warning --type-prefix deployment."),
    call("list --deployment-id a --label team=red"),
    call("deployments --page-size 1"),
    call("deployments --state running --environment staging --json"),
    call("deployments --deployment-id b"),
  ]);

  const rows = all.output
    .trimEnd()
    .split("\n")
    .map((row) => row.split("\t"));
  expect(rows.map((row) => [row[0], row[2], row[3], row[6]])).toEqual([
    ["1", "INFO", "deployment.started", "on"],
    ["2", "ERROR", "deployment.progress", String.raw`\x1b[31mred`],
  ]);
  expect(JSON.parse(newest.output)).toMatchObject({ sequence: "2", severity: "SEVERITY_ERROR" });
  expect(graver.output).toContain("\te2\t");
  expect(labelled).toEqual({ exitCode: 0, output: "", errors: "" });
  expect(deployments.output.split("\n").map((row) => row.split("\t")[0])).toEqual(["b", "a", ""]);
  expect(JSON.parse(running.output)).toMatchObject({ deploymentId: "a", state: "DEPLOYMENT_STATE_RUNNING" });
  expect(one.output).toContain("head_sequence\t1\n");
});

test("shows people hashes in hex and no salts, and programs all of it", async () => {
  const call = await service();
  const ofServer = '"salt":"AAAA","commitment":"AAAA","principal":"me","sequence":"9"';
  await call("add", `{"deploymentId":"d","eventId":"e","message":"m","actor":"me","commit":"c0ffee",${ofServer}}\n`);
  await call("add --deployment-id d --event-id end --type deployment.rolledback");

  const [event, json, row, one, oneJson] = await Promise.all([
    call("get --deployment-id d --event-id e"),
    call("get --deployment-id d --event-id e --json"),
    call("deployments"),
    call("deployments --deployment-id d"),
    call("deployments --deployment-id d --json"),
  ]);

  expect(event.output).not.toContain("salt");
  const { salt, ...shown } = JSON.parse(json.output);
  expect(Buffer.from(salt, "base64")).toHaveLength(16);
  expect(shown).not.toHaveProperty("principal");
  expect(shown).not.toHaveProperty("commitment");
  expect(shown.sequence).toBe("1");
  expect(row.output).toMatch(/^d\t2\tROLLED_BACK\tFAILURE\t.*\tme\tc0ffee\t\d{4}-[^\t]*Z\n$/);
  const { historyHash, failureTime } = JSON.parse(oneJson.output);
  expect(one.output).toContain(`history_hash\t${Buffer.from(historyHash, "base64").toString("hex")}\n`);
  expect(one.output).toContain(`failure_time\t${failureTime}\n`);
});

test("ends with an exit code and a sentence that fit each refusal", async () => {
  const call = await service();
  await call("add --deployment-id d --event-id e --message built");

  const results = await Promise.all([
    call("add --deployment-id d --event-id e --message other"),
    call("add --deployment-id d --message x --expected-sequence 7"),
    call("add --deployment-id a/b --type deployment.finished"),
    call("get --deployment-id d --event-id none"),
    call("list --deployment-id none"),
    call("tail --deployment-id d --after-sequence 2"),
    call("list"),
    call("lst"),
    call("list --deployment-id d --severity-min bad"),
    call("add --expected-sequence 1"),
  ]);

  expect(results.map(({ exitCode }) => exitCode)).toEqual([4, 4, 2, 3, 3, 6, 2, 2, 2, 2]);
  expect(results.map(({ output }) => output).join("")).toBe("");
  const [conflict, mismatch, invalid, , unknown, ahead] = results.map(({ errors }) => errors);
  expect(conflict).toMatch(/^activity_client: EVENT_ID_CONFLICT: .*other content: message differs\n/);
  expect(mismatch).toMatch(/^activity_client: SEQUENCE_MISMATCH: /);
  expect(invalid).toMatch(/^activity_client: REQUEST_INVALID: .*\n( {2}.*\n)* {2}event\.outcome: is required/);
  expect(unknown).toMatch(/^activity_client: DEPLOYMENT_NOT_FOUND: .*none/);
  expect(ahead).toMatch(/^activity_client: CURSOR_AHEAD: the service has fewer events than were already shown/);
});

test("takes ids behind the command, and finds events by time, outcome, text and order", async () => {
  const call = await service();
  await call("add -d a -e one -m building -s warning");
  await call("add -d a -e two -t deployment.finished -o success");

  const [all, newest, later, earlier, finished, text, one, head, two, none, both] = await Promise.all([
    call("list a"),
    call("list a --order newest -n 1"),
    call("list a --since 1h"),
    call("list a --until 1h"),
    call("list a --outcome success"),
    call("tail a --no-follow --text BUILD"),
    call("get a one"),
    call("deployments a"),
    call("list a --deployment-id b"),
    call("get a"),
    call("list a --since 1h --receive-time-from 2026-01-31T00:00:00Z"),
  ]);

  const ids = ({ output }: { readonly output: string }) =>
    output
      .split("\n")
      .slice(0, -1)
      .map((row) => row.split("\t")[5]);
  expect([all, newest, later, earlier, finished, text].map(ids)).toEqual([
    ["one", "two"],
    ["two"],
    ["one", "two"],
    [],
    ["two"],
    ["one"],
  ]);
  expect(one.output).toContain("event_id\tone\n");
  expect(head.output).toContain("state\tFINISHED\n");
  expect([two, none, both].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2]);
  expect(two.errors).toBe("activity_client: Two ids of the deployment are given: a, and b by --deployment-id.\n");
  expect(none.errors).toContain("Give the id of the event, behind the command or by --event-id.");
  expect(both.errors).toContain("cannot be used with option");
});

test("finds deployments by their outcome, on every page, up to a limit", async () => {
  const call = await service();
  const finish = (id: string, outcome: string) => call(`add -d ${id} -t deployment.finished -o ${outcome}`);
  await finish("a", "failure");
  await finish("b", "success");
  await finish("c", "failure");
  await call("add -d d -m building");

  const [failed, first, canceled, one] = await Promise.all([
    call("deployments --outcome failure --page-size 1"),
    call("deployments -o failure -n 1"),
    call("deployments --outcome canceled"),
    call("deployments a --outcome failure"),
  ]);

  const ids = ({ output }: { readonly output: string }) => [...output.matchAll(/^[^\t]+/gm)].map(([id]) => id);
  expect([failed, first, canceled].map(ids)).toEqual([["c", "a"], ["c"], []]);
  expect(one.exitCode).toBe(2);
});

test("shows a deployment of nothing but progress as running", async () => {
  const call = await service();
  await call("add -d a -m building");

  const { output } = await call("deployments");

  expect(output).toMatch(/^a\t1\tRUNNING\t\t/);
});

test("says whether the service is serving", async () => {
  const call = await service();

  const [plain, json, other] = await Promise.all([
    call("health"),
    call("health --json"),
    call("health no.such.Service"),
  ]);

  expect(plain).toEqual({ exitCode: 0, output: "SERVING\n", errors: "" });
  expect(JSON.parse(json.output)).toEqual({ status: "SERVING" });
  expect(other.exitCode).toBe(3);
});

test("says what to do when the port is closed", async () => {
  const address = `127.0.0.1:${await freePort()}`;

  const results = await Promise.all(
    ["list --deployment-id d", "add --deployment-id d --message x", "tail --deployment-id d"].map((line) =>
      runClient({ args: [...line.split(" "), "--address", address] }),
    ),
  );

  expect(results.map(({ exitCode }) => exitCode)).toEqual([5, 5, 5]);
  const said = `nothing listens at ${address}; start the service, or set its address with --address HOST:PORT, ACTIVITY_ADDRESS or a context.`;
  for (const { errors } of results) expect(errors).toBe(`activity_client: UNAVAILABLE: ${said}\n`);
});

test("takes --service for the application alone, and names the flag of Cloud Run's", async () => {
  const call = await service();
  await call("add -d a -m m --service api");
  await call("add -d b -m m --service web");

  const [found, before, listed] = await Promise.all([
    call("deployments --service api"),
    call("--service api --region r --project p health"),
    call("list a --service=api"),
  ]);

  expect(found.output).toMatch(/^a\t[^\n]*\n$/);
  for (const { exitCode, errors } of [before, listed]) {
    expect(exitCode).toBe(2);
    expect(errors).toMatch(
      /^activity_client: unknown option '--service.*\n\(.* a service on Cloud Run is --run-service\.\)\n/,
    );
  }
});

test("refuses an ACTIVITY_ADDRESS that is none", async () => {
  const result = await runClient({ args: ["health"], address: "localhost" });

  expect(result).toMatchObject({ exitCode: 2, errors: expect.stringContaining('ACTIVITY_ADDRESS is "localhost"') });
});

test.each([
  ["--help"],
  ["add --help"],
  ["run --help"],
  ["flush --help"],
  ["list --help"],
  ["tail --help"],
  ["get --help"],
  ["deployments --help"],
  ["verify --help"],
  ["redact --help"],
  ["delete --help"],
  ["undelete --help"],
  ["purge --help"],
  ["health --help"],
  ["context --help"],
  ["context add --help"],
  ["context use --help"],
  ["completion --help"],
  ["access check --help"],
])("prints the help of %s", async (line) => {
  const result = await runClient({ args: line.split(" ") });

  expect(result).toMatchObject({ exitCode: 0, errors: "" });
  expect(result.output).toContain("--address <host:port>");
  expect(result.output.split("\n").filter((text) => text.length > 80)).toEqual([]);
  expect(result.output.includes("Exit codes:")).toBe(line === "--help");
  expect(/Examples?:/.test(result.output)).toBe(line !== "--help");
});

test("takes the id of a deployment behind add and verify, too", async () => {
  const call = await service();

  const added = await call("add release-42 --message built");
  const two = await call("add release-42 --deployment-id release-43 --message built");
  const verified = await call("verify release-42");
  const unknown = await call("verify release-42 release-43");

  expect(added).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^release-42\t1\t/) });
  expect(two).toMatchObject({ exitCode: 2, errors: expect.stringContaining("Two ids of the deployment are given") });
  expect(verified).toMatchObject({ exitCode: 0, output: "1 deployment with 1 event verified: no faults\n" });
  expect(unknown.errors + unknown.output).toContain("release-43");
  expect(unknown.exitCode).not.toBe(0);
});

test("says of a command that there is none, also when its help is asked for", async () => {
  const { exitCode, output, errors } = await runClient({ args: ["backup", "--help"] });

  expect({ exitCode, output }).toEqual({ exitCode: 2, output: "" });
  expect(errors).toMatch(/^activity_client: unknown command 'backup'\n/);
});
