import { ActivityEventsClient, Severity } from "@activity-events/client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { onTerminal } from "@activity-events/testing/terminal";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

/** Calls on a terminal of a width, nine hours before UTC. */
async function callOnTerminal(
  columns: number,
  line: string,
  address: string,
  colours: Readonly<Record<string, string>> = { NO_COLOR: "1" },
): Promise<readonly string[]> {
  const launcher = (command: readonly string[]) =>
    onTerminal(`sh -c 'stty cols ${columns}; exec "$@"' sh ${command.join(" ")}`);
  const environment = { TZ: "Asia/Tokyo", ...colours };
  const { output } = await runClient({ args: line.split(" "), address, launcher, environment });
  return output.trimEnd().split("\r\n");
}

test("lists fit the terminal and show its time; in a pipe every column is whole and in UTC", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = new ActivityEventsClient({ address, tls: false });
  const message = "half of the instances run 1.4.2 ".repeat(10).trim();
  const event = { message, severity: Severity.WARNING, environment: "production", service: "api", revision: "1.4.2" };
  const events = [{ ...event, actor: "somebody", commit: "c0ffee".repeat(6) }, event];
  const [first] = await client.batchCreateEvents({ deploymentId: "release-42", events }).finally(() => client.close());

  const [narrow, utc, wide, tail, heads, utcHeads, piped, got, utcGot, pipedGot, head] = await Promise.all([
    callOnTerminal(80, "list release-42", address),
    callOnTerminal(80, "--utc list release-42", address),
    callOnTerminal(200, "list release-42", address),
    callOnTerminal(80, "tail release-42 --no-follow", address),
    callOnTerminal(80, "deployments", address),
    callOnTerminal(80, "--utc deployments", address),
    runClient({ args: ["list", "release-42"], address, environment: { TZ: "Asia/Tokyo" } }),
    callOnTerminal(80, `get release-42 ${first?.event?.eventId}`, address),
    callOnTerminal(80, `--utc get release-42 ${first?.event?.eventId}`, address),
    runClient({ args: ["get", "release-42", first?.event?.eventId ?? ""], address, environment: { TZ: "Asia/Tokyo" } }),
    callOnTerminal(80, "deployments release-42", address),
  ]);

  const received = new Date(Number(first?.event?.receiveTime?.seconds) * 1_000);
  const shown = (hours: number) =>
    new Date(received.getTime() + hours * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
  for (const lines of [narrow, utc, tail, heads, utcHeads]) {
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  }
  expect(narrow[0]).toMatch(/^SEQ {2}RECEIVE TIME .*TYPE .*MESSAGE$/);
  expect(narrow[1]).toMatch(new RegExp(`^1 +${shown(9)} .*deployment\\.progress +half of .*…$`));
  expect(utc[1]).toMatch(new RegExp(`^1 +${shown(0)}Z `));
  expect(wide[1]).toHaveLength(200);
  expect(wide[1]).toContain(first?.event?.eventId);
  expect(heads[0]).toMatch(/^DEPLOYMENT ID .*STATE .*OUTCOME|^DEPLOYMENT ID .*STATE/);
  expect(heads[1]).toMatch(/^release-42 .*RUNNING/);
  expect(piped.output.split("\n")[0]?.split("\t").slice(1)).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/),
    "WARNING",
    "deployment.progress",
    "",
    first?.event?.eventId,
    message,
  ]);
  const ago = String.raw`\((?:now|\d+ (?:second|minute)s? ago)\)`;
  expect(heads[1]).toMatch(/ (now|\d+ (second|minute)s? ago)( |$)/);
  expect(utcHeads[1]).toContain(` ${shown(0)}Z`);
  const [local, inUtc] = [got, utcGot].map((lines) => lines.find((line) => line.startsWith("receive_time")));
  expect(local).toMatch(new RegExp(`^receive_time +${shown(9)}\\.\\d{3} (${ago})$`));
  expect(inUtc).toMatch(new RegExp(`^receive_time +${shown(0)}\\.\\d{3}Z (${ago})$`));
  expect(pipedGot.output).toMatch(new RegExp(`^receive_time\t${shown(0).replace(" ", "T")}\\.\\d+Z$`, "m"));
  expect(head.find((line) => line.startsWith("update_time"))).toMatch(new RegExp(`^update_time +${shown(9)}\\.`));
  expect(got.find((line) => line.startsWith("message"))).toContain(message);
});

test("a list of nothing says so on a terminal, and is empty in a pipe", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = new ActivityEventsClient({ address, tls: false });
  await client.createEvent({ event: { deploymentId: "d", message: "m" } }).finally(() => client.close());

  const [events, deployments, piped] = await Promise.all([
    callOnTerminal(80, "list d --severity-min error", address),
    callOnTerminal(80, "deployments --environment nowhere", address),
    runClient({ args: ["list", "d", "--severity-min", "error"], address }),
  ]);

  expect(events.at(-1)).toBe("activity_client: No events match, or there are none yet.");
  expect(deployments.at(-1)).toBe("activity_client: No deployments match, or there are none yet.");
  expect(piped).toEqual({ exitCode: 0, output: "", errors: "" });
});

test("colours rows by their severity, unless the person or the terminal has none", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = new ActivityEventsClient({ address, tls: false });
  const names = ["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "EMERGENCY"] as const;
  const events = names.map((name) => ({ message: name, severity: Severity[name] }));
  await client.batchCreateEvents({ deploymentId: "d", events }).finally(() => client.close());

  const [coloured, plain, dumb] = await Promise.all([
    callOnTerminal(120, "list d", address, { TERM: "xterm" }),
    callOnTerminal(120, "list d", address, { TERM: "xterm", NO_COLOR: "1" }),
    callOnTerminal(120, "list d", address, { TERM: "dumb" }),
  ]);

  // Numbers of ECMA-48's SGR: dim, cyan, yellow, red, and bold red.
  const before = names.map((name, row) => {
    const [start = ""] = coloured[row + 1]?.split(name) ?? [];
    const codes = start.split("\x1b[").slice(1);
    return codes.map((code) => Number.parseInt(code, 10)).join(" ");
  });
  expect(before).toEqual(["2", "", "36", "33", "31", "1 31", "1 31"]);
  for (const lines of [plain, dumb]) expect(lines.join("")).not.toContain("\x1b");
});
