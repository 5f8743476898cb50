import { readFileSync } from "node:fs";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient, startClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

const lineOf = (fields: object) => JSON.stringify({ deploymentId: "d", ...fields });

/** Source: rchar of /proc/PID/io. */
const bytesReadBy = (pid = 0) => Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);

test("records 10,000 lines in their order", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const lines = Array.from({ length: 10_000 }, (_, index) => lineOf({ message: `line ${index + 1}` }));

  const added = await runClient({ args: ["add"], input: lines.join("\n"), address });
  const listed = await runClient({ args: ["list", "--deployment-id", "d"], address });

  expect(added).toMatchObject({ exitCode: 0, errors: "" });
  const messages = listed.output
    .trimEnd()
    .split("\n")
    .map((row) => row.split("\t").at(-1));
  expect(messages).toEqual(lines.map((_, index) => `line ${index + 1}`));
});

test("says that a directory is no input", async () => {
  const folder = temporaryFolder().path;
  const launcher = (command: readonly string[]) => ["sh", "-c", '"$@" <"$FOLDER"', "sh", ...command];

  const added = await runClient({ args: ["add"], launcher, address: "127.0.0.1:1", environment: { FOLDER: folder } });

  expect(added.exitCode).toBe(2);
  expect(added.errors).toContain("Standard input is a directory");
});

test("reports each bad line by its number, records the rest, and ends with the first failure's exit code", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  await runClient({ args: ["add", "--deployment-id", "d", "--event-id", "taken", "--message", "first"], address });
  const lines = [
    lineOf({ eventId: "a", message: "a" }),
    lineOf({ eventId: "taken", message: "other" }),
    lineOf({ eventId: "b", message: "b" }),
    "{ oops",
    "",
    lineOf({ eventId: "c/d", message: "c" }),
    lineOf({ eventId: "e", message: "e", other: 1 }),
    lineOf({ eventId: "a", message: "a" }),
    lineOf({ eventId: "f", message: "f" }),
  ];

  const added = await runClient({ args: ["add"], input: `${lines.join("\r\n")}\n`, address });

  expect(added.exitCode).toBe(4);
  expect(added.output).toBe("d\t2\ta\trecorded\nd\t3\tb\trecorded\nd\t2\ta\tduplicate\nd\t4\tf\trecorded\n");
  const reported = [...added.errors.matchAll(/^activity_client: line (\d+): (\w+)/gm)].map(([, ...words]) => words);
  expect(reported).toEqual([
    ["2", "EVENT_ID_CONFLICT"],
    ["4", "invalid"],
    ["6", "REQUEST_INVALID"],
    ["7", "key"],
  ]);
});

test("prints what the acknowledgements say as proto JSON, one a line, in the form of CreateEvent's answer", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const lines = [lineOf({ eventId: "a", message: "a" }), lineOf({ deploymentId: "e", message: "b" })];

  const first = await runClient({ args: ["add", "--json"], input: lines.join("\n"), address });
  const again = await runClient({ args: ["add", "--json"], input: lines[0] ?? "", address });

  const answers = `${first.output}${again.output}`
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const receiveTime = expect.stringMatching(/^\d{4}-.*Z$/);
  const a = { name: "deployments/d/events/a", eventId: "a", deploymentId: "d", sequence: "1", receiveTime };
  expect(answers).toEqual([
    { event: a },
    { event: { name: expect.any(String), eventId: expect.any(String), deploymentId: "e", sequence: "1", receiveTime } },
    { event: { ...a, receiveTime: answers[0].event.receiveTime }, duplicate: true },
  ]);
});

test("records a line as it comes, without waiting for the next", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });

  const client = startClient({ args: ["add"], input: `${lineOf({ message: "1" })}\n`, inputStaysOpen: true, address });
  await until(() => client.lines().length === 1, "the first line is recorded");
  client.child.stdin?.end(lineOf({ message: "2" }));

  expect(await client.ended).toMatchObject({ exitCode: 0, errors: "" });
  expect(client.lines()).toHaveLength(2);
});

test.each([
  ["SIGINT", 130, "Ctrl-C"],
  ["SIGTERM", 143, "SIGTERM"],
] as const)(
  "finishes what was sent at %s, and says what was recorded and where to go on",
  async (signal, code, word) => {
    const { address } = await startService({ dataDir: temporaryFolder().path });
    const lines = Array.from({ length: 100_000 }, (_, index) => lineOf({ eventId: `e${index + 1}`, message: "m" }));
    lines[1] = "{";

    const client = startClient({ args: ["add"], input: lines.join("\n"), inputStaysOpen: true, address });
    await until(() => client.lines().length >= 1_000, "a part is recorded");
    client.child.kill(signal);
    const { exitCode, output, errors } = await client.ended;
    const stored = await runClient({ args: ["deployments"], address });

    const recorded = output.trimEnd().split("\n");
    expect(exitCode).toBe(code);
    expect(recorded.length).toBeLessThan(lines.length - 1);
    expect(recorded.at(-1)).toBe(`d\t${recorded.length}\te${recorded.length + 1}\trecorded`);
    expect(stored.output).toContain(`d\t${recorded.length}\t`);
    const count = recorded.length.toLocaleString("en");
    expect(errors.split("\n").slice(1)).toEqual([
      expect.stringMatching(
        `^activity_client: Ended by ${word}: ${count} recorded, 0 duplicates, 1 refused in [\\d.]+ s\\.$`,
      ),
      `  Line ${recorded.length + 2} and later lines were not sent.`,
      "",
    ]);
  },
);

test("ends at Ctrl-C while it waits for a line", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = startClient({ args: ["add"], input: `${lineOf({ message: "1" })}\n`, inputStaysOpen: true, address });
  await until(() => client.lines().length === 1, "the first line is recorded");

  client.child.kill("SIGINT");
  const { exitCode, errors } = await client.ended;

  expect(exitCode).toBe(130);
  expect(errors).toContain("Ended by Ctrl-C: 1 recorded");
  expect(errors).toContain("Line 2 and later lines were not sent.");
});

test("gives up what was sent at a second Ctrl-C, and says which lines that may be", async () => {
  const { address, signal } = await startService({ dataDir: temporaryFolder().path });
  const args = ["--timeout", "60", "add"];
  const client = startClient({ args, input: `${lineOf({ message: "1" })}\n`, inputStaysOpen: true, address });
  await until(() => client.lines().length === 1, "the first line is recorded");

  signal("SIGSTOP");
  const readBefore = bytesReadBy(client.child.pid);
  const lines = ["2", "3"].map((digit) => `${lineOf({ message: digit.repeat(5_000) })}\n`).join("");
  client.child.stdin?.write(lines);
  await until(() => bytesReadBy(client.child.pid) >= readBefore + lines.length, "the lines are read");
  client.child.kill("SIGINT");
  await until(() => client.errors().includes("press Ctrl-C again"), "it says that it waits");
  client.child.kill("SIGINT");
  const { exitCode, errors } = await client.ended;

  expect(exitCode).toBe(130);
  expect(errors).toContain("lines 2 to 3: CANCELLED");
  expect(errors).toContain("These events may be stored. Send them again");
  expect(errors).toContain("Ended by Ctrl-C: 1 recorded");
});

test("says which lines may be stored when the service stays away, and ends there", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const args = ["--timeout", "1", "add"];
  const input = `${lineOf({ message: "1" })}\n`;
  const client = startClient({ args, input, inputStaysOpen: true, address: service.address });
  await until(() => client.lines().length === 1, "the first line is recorded");

  await service.kill();
  client.child.stdin?.write(`${lineOf({ message: "2" })}\n`);
  const { exitCode, errors } = await client.ended;

  expect(exitCode).toBe(5);
  expect(errors).toContain(`line 2: UNAVAILABLE: nothing listens at ${service.address}; start the service`);
  expect(errors).toMatch(
    /1 recorded, 0 duplicates, 0 refused in [\d.]+ s\.\n {2}Line 3 and later lines were not sent\.\n$/,
  );
});

test("says that a service is too old for it", async () => {
  const server = new Server();
  const port = await freePort();
  await new Promise((resolve) => server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), resolve));

  const { exitCode, errors } = await runClient({
    args: ["add"],
    input: lineOf({ message: "1" }),
    address: `127.0.0.1:${port}`,
  }).finally(() => server.forceShutdown());

  expect(exitCode).toBe(1);
  expect(errors).toContain(`line 1: UNIMPLEMENTED: the server at 127.0.0.1:${port} does not support this call`);
  expect(errors).toContain("It is older than this client");
  expect(errors).toContain("None of these events was recorded.");
});

test("says what makes events of an array or of a pretty-printed object, and how many lines were refused", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const events = [
    { deploymentId: "d", message: "a" },
    { deploymentId: "d", message: "b" },
  ];

  const [pretty, array, line] = await Promise.all(
    [JSON.stringify(events[0], null, 2), JSON.stringify(events, null, 2), JSON.stringify(events)].map((input) =>
      runClient({ args: ["add"], input, address }),
    ),
  );

  expect([pretty, array, line].map((result) => [result?.exitCode, result?.output])).toEqual(Array(3).fill([2, ""]));
  const total = (refused: number) =>
    expect.stringMatching(`^activity_client: 0 recorded, 0 duplicates, ${refused} refused in [\\d.]+ s\\.$`);
  const spread = (what: string, filter: string) =>
    `activity_client: line 1: ${what}; expected one event a line: \`jq -c '${filter}'\` makes that`;
  expect(pretty?.errors.split("\n")).toEqual([spread("an object that does not end on its line", "."), total(4), ""]);
  expect(array?.errors.split("\n")).toEqual([spread("an array that does not end on its line", ".[]"), total(10), ""]);
  expect(line?.errors.split("\n")).toEqual([spread("an array", ".[]"), total(1), ""]);
});

test("says that standard input is empty", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });

  const added = await runClient({ args: ["add"], input: "\n\n", address });

  const errors = "activity_client: Standard input is empty; nothing was recorded.\n";
  expect(added).toEqual({ exitCode: 0, output: "", errors });
});

test("records a misspelt type with a warning, and refuses it with --strict", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const flags = ["add", "--deployment-id", "d", "--event-id", "a", "--type", "deployment.strated"];
  const input = `${lineOf({ eventId: "b", type: "deployment.strated" })}\n${lineOf({ eventId: "c", message: "m" })}\n`;

  const strict = await runClient({ args: [...flags, "--strict"], address });
  const strictLine = await runClient({ args: ["add", "--strict"], input, address });
  const flag = await runClient({ args: flags, address });
  const line = await runClient({ args: ["add"], input, address });

  const doubt = 'type "deployment.strated" is not known and changes no state; did you mean deployment.started?';
  expect(strict).toEqual({ exitCode: 2, output: "", errors: `activity_client: --type: ${doubt}\n` });
  expect(strictLine).toMatchObject({ exitCode: 2, output: "d\t1\tc\trecorded\n" });
  expect(strictLine.errors).toContain(`activity_client: line 1: type: ${doubt}\n`);
  expect(flag).toEqual({ exitCode: 0, output: "d\t2\ta\trecorded\n", errors: `activity_client: warning: ${doubt}\n` });
  expect(line).toMatchObject({ exitCode: 0, output: "d\t3\tb\trecorded\nd\t1\tc\tduplicate\n" });
  expect(line.errors).toBe(`activity_client: line 1: warning: ${doubt}\n`);
});
