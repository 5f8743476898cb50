import { ActivityEventsClient, type ActivityEventsError, Outcome } from "@activity-events/client";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { collect } from "@activity-events/testing/collect";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { toJson } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

const text = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
const data = fc
  .dictionary(fc.string({ unit: "binary", maxLength: 5 }), fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }), {
    maxKeys: 4,
  })
  .map((value) => JSON.parse(JSON.stringify(value)));

/** An event as a line of proto JSON may say it. */
const eventLine = fc.record(
  {
    type: fc.constantFrom("deployment.started", "a.b", "\u2028"),
    severity: fc.constantFrom("SEVERITY_NOTICE", "SEVERITY_ERROR"),
    message: text,
    sendTime: fc
      .tuple(fc.date({ min: new Date(0), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true }), fc.nat(999_999))
      .map(([date, rest]) => date.toISOString().replace("Z", `${String(rest).padStart(6, "0")}Z`)),
    source: fc.constantFrom("//ci", "https://ci.example/%20?a=b#c"),
    actor: text,
    environment: text,
    service: text,
    revision: text,
    commit: text,
    url: fc.constant("https://example.com"),
    labels: fc.dictionary(fc.string({ unit: "binary", minLength: 1, maxLength: 5 }), text, { minKeys: 1, maxKeys: 3 }),
    data,
  },
  { requiredKeys: ["type", "severity"] },
);

/** What a reader gets of an event, without what the server sets. */
function contentOf(event: object): object {
  const { name, sequence, receiveTime, salt, ...content } = event as Record<string, unknown>;
  return content;
}

const parseLines = (output: string) =>
  output
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));

// Of a time only so many digits are printed as there are.
const normal = (line: Record<string, unknown>) => {
  const { sendTime } = line as { sendTime?: string };
  if (sendTime === undefined) return line;
  const digits = sendTime.replace(/(\.\d+?)(0{3})*Z$/, (_, fraction) =>
    Number(fraction) === 0 ? "Z" : `${fraction}Z`,
  );
  return { ...line, sendTime: digits };
};

test("gives an event back as it was said by every way out, and takes what it printed for the same event", async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`kept-values: SEED=${seed}\n`);
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const said = fc
    .sample(eventLine, { seed, numRuns: 300 })
    .map((fields, index) => ({ eventId: `e${index}`, deploymentId: "d", ...fields }));

  const added = await runClient({ args: ["add"], input: said.map((line) => JSON.stringify(line)).join("\n"), address });
  expect(added).toMatchObject({ exitCode: 0, errors: "" });
  const [listed, tailed, got, one] = await Promise.all([
    runClient({ args: ["list", "--deployment-id", "d", "--json"], address }),
    runClient({ args: ["tail", "--deployment-id", "d", "--no-follow", "--json"], address }),
    runClient({ args: ["get", "--deployment-id", "d", "--event-id", "e7", "--json"], address }),
    runClient({ args: ["get", "--deployment-id", "d", "--event-id", "e8"], address }),
  ]);
  const client = new ActivityEventsClient({ address, tls: false });
  const read = await collect(client.listEvents({ deploymentId: "d" })).finally(() => client.close());
  const again = await runClient({ args: ["add"], input: listed.output, address });

  const wanted = said.map(normal);
  expect(parseLines(listed.output).map(contentOf)).toEqual(wanted);
  expect(parseLines(tailed.output).map(contentOf)).toEqual(wanted);
  expect(parseLines(got.output).map(contentOf)).toEqual([wanted[7]]);
  expect(one.output.split("\n").every((row) => row === "" || row.split("\t").length === 2)).toBe(true);
  expect(read.map((event) => contentOf(toJson(EventSchema, event) as object))).toEqual(wanted);
  expect(again).toMatchObject({ exitCode: 0, errors: "" });
  expect(again.output.split("\n").filter((row) => row.endsWith("\tduplicate"))).toHaveLength(said.length);
});

test.each([
  ["--data with a key twice", ["--data", '{"a":1,"a":2}'], "a: duplicate key"],
  ["--data with a number that a double has not", ["--data", '{"id":9007199254740993}'], "write it as a string"],
  ["--data with a negative zero", ["--data", '{"x":-0}'], "x: -0 would lose precision"],
  ["--send-time of a day that does not exist", ["--send-time", "2026-02-30T10:00:00Z"], "There is no day 2026-02-30."],
  ["--send-time of 24:00", ["--send-time", "2026-11-20T24:00:00Z"], "There is no time 24:00:00"],
  ["an empty --event-id", ["--event-id", ""], "It is empty. Is a variable unset?"],
])("add refuses %s", async (_, flags, problem) => {
  const args = ["add", "--deployment-id", "d", "--message", "m", ...flags];

  const { exitCode, output, errors } = await runClient({ args, address: "127.0.0.1:1" });

  expect([exitCode, output]).toEqual([2, ""]);
  expect(errors).toContain(problem);
});

test("refuses flags of readers that are no time, or empty", async () => {
  const readers = [
    ["list", "--deployment-id", "d", "--receive-time-from", "2025-02-29T00:00:00Z"],
    ["tail", "--deployment-id", "d", "--receive-time-before", "2026-11-20T24:00:00Z"],
    ["get", "--deployment-id", "d", "--event-id", ""],
    ["list", "--deployment-id", ""],
    ["deployments", "--deployment-id", ""],
  ];

  const results = await Promise.all(readers.map((args) => runClient({ args, address: "127.0.0.1:1" })));

  expect(results.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2, 2]);
});

const launcherOf = (bytes: string) => (command: readonly string[]) => [
  "sh",
  "-c",
  `"$@" "$(printf '${bytes}')"`,
  "sh",
  ...command,
];

test("add refuses an argument that is not UTF-8, and takes the sign that stands for one", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const args = ["add", "--deployment-id", "d", "--message"];

  const broken = await runClient({ args, launcher: launcherOf("x\\377"), address });
  const whole = await runClient({ args, launcher: launcherOf("x\\357\\277\\275"), address });

  expect(broken).toMatchObject({ exitCode: 2, output: "", errors: expect.stringContaining("is not UTF-8") });
  expect(whole.exitCode).toBe(0);
});

test("the client library refuses what it cannot keep, names the field, and goes on", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = new ActivityEventsClient({ address, tls: false });
  const event = { deploymentId: "d", type: "deployment.finished", outcome: Outcome.SUCCESS };
  const bad = [{ message: "x\ud83d" }, { labels: { a: "x\ud83d" } }, { data: { k: -0 } }, { actor: "x\udc4d" }];
  const fields = ["event.message", 'event.labels["a"]', "event.data.k", "event.actor"];

  const created = await Promise.allSettled(bad.map((init) => client.createEvent({ event: { ...event, ...init } })));
  const poured = await collect(client.ingestEvents([event, ...bad.map((init) => ({ ...event, ...init })), event]));
  const batch = client.batchCreateEvents({ deploymentId: "d", events: [event, { ...event, message: "x\ud83d" }] });
  const filtered = collect(client.listEvents({ deploymentId: "d", filter: { typePrefix: "x\ud83d" } }));

  const faultOf = (error: unknown) => (error as ActivityEventsError).violations.map(({ field }) => field).join();
  expect(created.map((result) => result.status === "rejected" && faultOf(result.reason))).toEqual(fields);
  expect(poured.map((outcome) => (outcome.kind === "refused" ? faultOf(outcome.error) : "stored"))).toEqual([
    ...["stored", ...fields, "stored"],
  ]);
  await expect(batch).rejects.toMatchObject({ violations: [{ field: "events[1].message" }] });
  await expect(filtered).rejects.toMatchObject({ violations: [{ field: "filter.type_prefix" }] });
  expect(await collect(client.listEvents({ deploymentId: "d" }))).toHaveLength(2);
  client.close();
});
