import { afterEach, expect, test } from "@jest/globals";
import { cleanUp, startService, temporaryFolder } from "../../../e2e/running-service.ts";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  endClients();
  await cleanUp();
});

const lineOf = (fields: object) => JSON.stringify({ deploymentId: "d", ...fields });

test("records 10,000 lines in their order", async () => {
  const { address } = await startService({ dataDir: temporaryFolder() });
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

test("reports each bad line by its number, records the rest, and ends with the first failure's exit code", async () => {
  const { address } = await startService({ dataDir: temporaryFolder() });
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
    ["4", "cannot"],
    ["6", "REQUEST_INVALID"],
    ["7", "cannot"],
  ]);
});

test("prints the answers as proto JSON, one a line", async () => {
  const { address } = await startService({ dataDir: temporaryFolder() });

  const added = await runClient({
    args: ["add", "--json"],
    input: [lineOf({ message: "a" }), lineOf({ deploymentId: "e", message: "b" })].join("\n"),
    address,
  });

  const answers = added.output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.map(({ event }) => [event.deploymentId, event.sequence])).toEqual([
    ["d", "1"],
    ["e", "1"],
  ]);
});
