import { readFileSync, writeFileSync } from "node:fs";
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

/** Runs a call in a shell that puts it between these. */
const inShell = (before: string, after: string) => (command: readonly string[]) => [
  "bash",
  "--norc",
  "-c",
  `${before} "$@" ${after}`,
  "bash",
  ...command,
];

async function serviceWithEvents(count: number): Promise<string> {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = new ActivityEventsClient({ address, tls: false });
  const events = Array.from({ length: count }, (_, index) => ({ eventId: `e${index}`, message: "m".repeat(100) }));
  await client.batchCreateEvents({ deploymentId: "d", events }).finally(() => client.close());
  return address;
}

const unwritten = "activity_client: standard output cannot be written: ENOSPC: no space left on device, write\n";

test("every command that cannot write says so and ends with 1", async () => {
  const address = await serviceWithEvents(3);
  const lines = [
    ...["list --deployment-id d", "list --deployment-id d --json", "get --deployment-id d --event-id e1"],
    ...[
      "get --deployment-id d --event-id e1 --json",
      "deployments",
      "deployments --json",
      "deployments --deployment-id d",
    ],
    ...["tail --deployment-id d", "tail --deployment-id d --no-follow --json", "health", "health --json"],
    ...["add --deployment-id d --message m", "add --deployment-id d --message m --json"],
    ...["--help", "help add", "add --help", "--version"],
  ];

  for (const line of lines) {
    const result = await runClient({ args: line.split(" "), address, launcher: inShell("", ">/dev/full") });
    expect([line, result.exitCode, result.errors]).toEqual([line, 1, unwritten]);
  }
}, 300_000);

test("add records the rest though it cannot tell, and says what it recorded", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const input = Array.from({ length: 2_000 }, () => '{"deploymentId":"d","message":"m"}').join("\n");

  const added = await runClient({ args: ["add", "--json"], input, address, launcher: inShell("", ">/dev/full") });
  const shown = await runClient({ args: ["deployments"], address });

  expect(added.exitCode).toBe(1);
  expect(added.errors).toMatch(/^activity_client: 2,000 recorded, 0 duplicates, 0 refused in [\d.]+ s\.\n/);
  expect(added.errors.endsWith(unwritten)).toBe(true);
  expect(shown.output).toContain("d\t2000\t");
});

test("ends with 1 when it can say nothing of what went wrong", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const input = '{"deploymentId":"d","message":"m"}\n{\n';

  const refused = await runClient({ args: ["add"], input, address, launcher: inShell("", "2>/dev/full") });
  const mute = await runClient({ args: ["--help"], launcher: inShell("", ">/dev/full 2>/dev/full") });
  const fine = await runClient({ args: ["health"], address, launcher: inShell("", "2>/dev/full") });

  expect(refused).toMatchObject({ exitCode: 2, output: expect.stringContaining("recorded") });
  expect([mute.exitCode, fine.exitCode]).toEqual([1, 0]);
});

test.each([
  ["a reader that has enough", "| head -n 1"],
  ["a reader that finds what it looks for", "| grep -m1 e3"],
])("tail ends at once and quietly behind %s, though no event comes", async (_, reader) => {
  const address = await serviceWithEvents(5);

  const launcher = inShell("", `${reader}; echo "\${PIPESTATUS[0]}"`);
  const tailed = await runClient({ args: ["tail", "--deployment-id", "d"], address, launcher });

  expect(tailed).toMatchObject({ exitCode: 0, errors: "" });
  expect(tailed.output.split("\n").slice(1)).toEqual(["0", ""]);
});

test("tail ends when its reader leaves while the service stays away", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  await runClient({ args: ["add", "--deployment-id", "d", "--message", "m"], address: service.address });
  const folder = temporaryFolder().path;
  const leave = join(folder, "leave");
  const reader = `| { head -n 1; until [ -e ${leave} ]; do sleep 0.05; done; }`;
  const launcher = inShell("", `${reader}; echo "\${PIPESTATUS[0]}"`);
  const client = startClient({ args: ["tail", "--deployment-id", "d"], address: service.address, launcher });
  await until(() => client.lines().length === 1, "the event is shown");
  await service.kill();
  await until(() => client.errors().includes("Lost the connection"), "it reports the outage");

  writeFileSync(leave, "");
  const { output } = await client.ended;

  expect(output.split("\n").slice(1)).toEqual(["0", ""]);
});

test("list ends quietly when its reader has enough of a long list", async () => {
  const address = await serviceWithEvents(500);

  const launcher = inShell("", `| head -n 1; echo "\${PIPESTATUS[0]}"`);
  const listed = await runClient({ args: ["list", "--deployment-id", "d", "--json"], address, launcher });

  expect(listed.errors).toBe("");
  expect(listed.output.split("\n").slice(1)).toEqual(["0", ""]);
});

test("add records all lines though the reader of its results has left", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const input = Array.from({ length: 3_000 }, () => '{"deploymentId":"d","message":"m"}').join("\n");

  const launcher = inShell("", `| head -n 1; echo "\${PIPESTATUS[0]}"`);
  const added = await runClient({ args: ["add"], input, address, launcher });
  const shown = await runClient({ args: ["deployments"], address });

  expect([added.output.split("\n").at(1), added.errors]).toEqual(["0", ""]);
  expect(shown.output).toContain("d\t3000\t");
});

test("writes whole lines to a file, as to a pipe", async () => {
  const address = await serviceWithEvents(500);
  const file = join(temporaryFolder().path, "list.jsonl");

  const toFile = await runClient({
    args: ["list", "--deployment-id", "d"],
    address,
    launcher: inShell("", `>${file}`),
  });
  const toPipe = await runClient({ args: ["list", "--deployment-id", "d"], address });

  expect(toFile.exitCode).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(toPipe.output);
});
