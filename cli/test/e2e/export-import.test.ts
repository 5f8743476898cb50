import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanUp } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { CloudEvent } from "cloudevents";
import { type AdministeredService, fill, startAdministered } from "./filled-service.ts";
import { type ClientOptions, endClients, runClient } from "./running-client.ts";

afterEach(endClients);
afterAll(cleanUp);

function call({ address, environment }: AdministeredService, args: ClientOptions["args"], input?: string) {
  return runClient({ args, address, environment, ...(input === undefined ? {} : { input }) });
}

async function filledService(many?: number) {
  const service = await startAdministered();
  await fill(service, many === undefined ? {} : { many });
  return service;
}

async function exportOf(service: AdministeredService): Promise<string[]> {
  const { exitCode, output, errors } = await call(service, ["export"]);
  expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: "" });
  return output.split("\n").slice(0, -1);
}

async function idsIn(service: AdministeredService): Promise<string[]> {
  return (await service.deployments()).map(({ deploymentId }) => deploymentId);
}

const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");

test("an export is lines of CloudEvents, as their own library reads them", async () => {
  await using source = await filledService(400);

  const lines = await exportOf(source);

  const events = lines.map((line) => new CloudEvent(JSON.parse(line), true));
  expect(events.map(({ id, source: from }) => `${from} ${id}`)).toHaveLength(
    new Set(events.map(({ id, source: from }) => `${from} ${id}`)).size,
  );
  expect(events[0]).toMatchObject({ type: "activityevents.export.header" });
  expect(events.at(-1)).toMatchObject({ type: "activityevents.export.end", data: { deployments: "6" } });
  const one = events.find(({ subject, sequence }) => subject === "kept" && `${sequence}` === "2");
  expect(one).toMatchObject({
    source: "//activityevents/deployments/kept",
    type: "deployment.progress",
    data: { deploymentId: "kept", sequence: "2", message: "one", severity: "SEVERITY_INFO" },
  });
  for (const line of lines) {
    const attributes = Object.keys(JSON.parse(line)).filter((name) => name !== "data");
    expect(attributes.filter((name) => !/^[a-z0-9]{1,20}$/.test(name))).toEqual([]);
  }
});

test("from store to store and back to a file, nothing changes", async () => {
  await using source = await filledService();
  await using target = await startAdministered();
  using folder = temporaryFolder();
  const [first, second] = [join(folder.path, "first"), join(folder.path, "second")];

  const written = await call(source, ["export", first]);
  const imported = await call(target, ["import", first]);
  await call(target, ["export", second]);
  const again = await call(target, ["import"], readFileSync(second, "utf8"));

  expect(written).toMatchObject({ exitCode: 0, output: `6 deployments with 1,210 events written to ${first}\n` });
  expect(imported).toEqual({
    exitCode: 0,
    output: "1,210 events imported, 0 events already there; 6 deployments whole\n",
    errors: "",
  });
  expect(again.output).toBe("0 events imported, 1,210 events already there; 6 deployments whole\n");
  expect(readFileSync(second)).toEqual(readFileSync(first));
  expect(statSync(first).mode & 0o777).toBe(0o600);
});

test("a dry run checks and stores nothing", async () => {
  await using source = await filledService(400);
  await using target = await startAdministered();
  const input = textOf(await exportOf(source));

  const dry = await call(target, ["import", "--dry-run"], input);

  expect(dry).toMatchObject({ exitCode: 0, errors: "" });
  expect(dry.output).toContain("410 events would be imported");
  expect(await target.deployments()).toEqual([]);
});

/** Place of a line, from 0. */
function placeOf(lines: readonly string[], id: string, sequence?: number): number {
  const isIt = (line: Record<string, unknown>) =>
    sequence === undefined
      ? line.type === "activityevents.export.deployment" && line.id === id
      : line.subject === id && line.sequence === `${sequence}`;
  return lines.findIndex((line) => isIt(JSON.parse(line)));
}

type Change = (line: Record<string, unknown> & { data: Record<string, unknown> }) => unknown;

const changedAt = (at: number, change: Change) => (lines: string[]) => {
  const line = JSON.parse(lines[at] ?? "");
  change(line);
  lines[at] = JSON.stringify(line);
};

/** Damage to an export: how, at which line it is found, what is said, and what is still imported whole. */
const damages: Readonly<Record<string, [(lines: string[]) => number, RegExp, number]>> = {
  "an edited message, for readers": [
    (lines) => {
      const at = placeOf(lines, "kept", 2);
      changedAt(at, ({ data }) => Object.assign(data, { message: "two" }))(lines);
      return at + 1;
    },
    /deployment kept: data.message is not what content and stamp have/,
    2,
  ],
  "a removed message, for readers": [
    (lines) => {
      const at = placeOf(lines, "kept", 2);
      changedAt(at, ({ data }) => delete data.message)(lines);
      return at + 1;
    },
    /deployment kept: data.message is not what content and stamp have/,
    2,
  ],
  "edited content": [
    (lines) => {
      const at = placeOf(lines, "kept", 2);
      changedAt(at, (line) => {
        const content = Buffer.from(`${line.content}`, "base64").toString("latin1").replace("one", "two");
        Object.assign(line, { content: Buffer.from(content, "latin1").toString("base64") });
        Object.assign(line.data, { message: "two" });
      })(lines);
      return at + 1;
    },
    /deployment kept, event 2: its history hash is not that of this event/,
    4,
  ],
  "an edited time": [
    (lines) => {
      const at = placeOf(lines, "kept", 2);
      changedAt(at, (line) => {
        Object.assign(line, { time: "2020-01-01T00:00:00Z" });
        Object.assign(line.data, { receiveTime: "2020-01-01T00:00:00Z" });
      })(lines);
      return at + 1;
    },
    /deployment kept, event 2: its history hash is not that of this event/,
    4,
  ],
  "a time before all clocks": [
    (lines) => {
      const at = placeOf(lines, "kept", 2);
      changedAt(at, (line) => {
        Object.assign(line, { time: "1969-12-31T23:59:59.999999Z" });
        Object.assign(line.data, { receiveTime: "1969-12-31T23:59:59.999999Z" });
      })(lines);
      return at + 1;
    },
    /deployment kept, event 2: receive_time must be in whole microseconds, from 1970 to 2255/,
    4,
  ],
  "an event of a purged deployment": [
    (lines) => {
      const at = placeOf(lines, "kept");
      changedAt(at, ({ data }) => Object.assign(data, { standing: "DEPLOYMENT_STANDING_PURGED" }))(lines);
      return at + 2;
    },
    /deployment kept, event 1: its deployment is purged/,
    4,
  ],
  "a missing event": [
    (lines) => {
      const at = placeOf(lines, "many", 700);
      lines.splice(at, 1);
      return at + 1;
    },
    /deployment many, event 701: event 700 must come here/,
    4,
  ],
  "two events in the wrong order": [
    (lines) => {
      const at = placeOf(lines, "many", 700);
      lines.splice(at, 2, lines[at + 1] ?? "", lines[at] ?? "");
      return at + 1;
    },
    /deployment many, event 701: event 700 must come here/,
    4,
  ],
  "an event twice": [
    (lines) => {
      const at = placeOf(lines, "many", 700);
      lines.splice(at, 0, lines[at] ?? "");
      return at + 2;
    },
    /deployment many, event 700: event 701 must come here/,
    4,
  ],
  "a deployment without its line": [
    (lines) => {
      const at = placeOf(lines, "kept");
      lines.splice(at, 1);
      return at + 1;
    },
    /deployment kept: the line of deployment kept is missing before it/,
    2,
  ],
  "a deployment with another head": [
    (lines) => {
      const at = placeOf(lines, "kept");
      changedAt(at, ({ data }) => Object.assign(data, { headSequence: "9" }))(lines);
      return lines.length;
    },
    /deployment kept, event 4: event 4 of 9 must come here/,
    4,
  ],
  "a deployment with more events than a number can count": [
    (lines) => {
      const at = placeOf(lines, "kept");
      changedAt(at, ({ data }) => Object.assign(data, { headSequence: "9223372036854775807" }))(lines);
      return at + 1;
    },
    /deployment kept: head_sequence must be from 1 to 9007199254740991; found 9223372036854775807/,
    4,
  ],
  "lines behind its end": [
    (lines) => {
      lines.push(...lines.slice(0, 3));
      return lines.length - 2;
    },
    /nothing may follow the end of the export/,
    2,
  ],
  "a deployment with another history hash": [
    (lines) => {
      const at = placeOf(lines, "kept");
      changedAt(at, ({ data }) => Object.assign(data, { historyHash: Buffer.alloc(32).toString("base64") }))(lines);
      return placeOf(lines, "kept", 3) + 1;
    },
    /deployment kept, event 3: its history hash is not that of its events/,
    4,
  ],
  "a whole deployment missing": [
    (lines) => {
      const at = placeOf(lines, "kept");
      lines.splice(at, 4);
      return lines.length;
    },
    /the export has 6 deployments and 810 events; found 5 and 807/,
    2,
  ],
  "a line that is no JSON": [
    (lines) => {
      const at = placeOf(lines, "kept", 2);
      lines[at] = lines[at]?.slice(0, 100) ?? "";
      return at + 1;
    },
    /deployment kept: invalid JSON/,
    2,
  ],
  "a key that is missing": [
    (lines) => {
      changedAt(0, ({ data }) => delete data.redactionKeys)(lines);
      return placeOf(lines, "redacted", 2) + 1;
    },
    /deployment redacted, event 2: the key of its redaction is not in the header/,
    4,
  ],
};

describe("an import of an export with", () => {
  let whole: readonly string[] = [];
  beforeAll(async () => {
    await using source = await filledService(800);
    whole = await exportOf(source);
  });

  test.each(Object.entries(damages))("%s tells the line, and imports the rest", async (_, [damage, said, exitCode]) => {
    await using target = await startAdministered();
    const lines = [...whole];
    const line = damage(lines);

    const imported = await call(target, ["import"], textOf(lines));

    const [first = "", ...others] = imported.errors.trimEnd().split("\n");
    expect(others).toEqual([]);
    expect(first).toMatch(new RegExp(`^activity_client: line ${line}: `));
    expect(first).toMatch(said);
    expect(imported.exitCode).toBe(exitCode);
    expect(await idsIn(target)).toEqual(expect.arrayContaining(["deleted", "unknown"]));

    const again = await call(target, ["import"], textOf(whole));

    expect(again).toMatchObject({ exitCode: 0, errors: "" });
    expect(await exportOf(target)).toEqual(whole);
  });

  test("its end cut off keeps what was imported, and goes on from there", async () => {
    await using target = await startAdministered();
    const cut = textOf(whole.slice(0, 700));

    const imported = await call(target, ["import"], cut);
    const from = /--from-line (\d+)/.exec(imported.errors)?.[1] ?? "";
    using folder = temporaryFolder();
    const file = join(folder.path, "whole");
    writeFileSync(file, textOf(whole));
    const rest = await call(target, ["import", file, "--from-line", from]);

    expect(imported.exitCode).toBe(2);
    expect(imported.errors).toContain("line 701: the export is cut short");
    expect(Number(from)).toBe(701);
    expect(rest).toMatchObject({ exitCode: 0, errors: "" });
    expect(rest.output).toContain(" 0 events already there");
    expect(await exportOf(target)).toEqual(whole);
  });

  test("a line behind its end is no place to begin at", async () => {
    await using target = await startAdministered();

    const behind = await call(target, ["import", "--from-line", `${whole.length + 2}`], textOf(whole));
    const atEnd = await call(target, ["import", "--from-line", `${whole.length + 1}`], textOf(whole));

    expect(behind).toMatchObject({
      exitCode: 2,
      output: "",
      errors: expect.stringContaining(`--from-line ${whole.length + 2}: the export ends at line ${whole.length}.`),
    });
    expect(atEnd).toMatchObject({ exitCode: 0, errors: "" });
  });

  test("its end cut off names no line to go on with after a dry run", async () => {
    await using target = await startAdministered();

    const { exitCode, errors } = await call(target, ["import", "--dry-run"], textOf(whole.slice(0, 700)));

    expect(exitCode).toBe(2);
    expect(errors).toContain("line 701: the export is cut short");
    expect(errors).not.toContain("--from-line");
  });

  test("a file that is no export is refused at its first line", async () => {
    await using target = await startAdministered();

    const { exitCode, errors } = await call(target, ["import"], "a,b,c\n");

    expect(exitCode).toBe(2);
    expect(errors).toMatch(/line 1: invalid JSON: .* Is it an export\?/);
    using folder = temporaryFolder();
    const file = join(folder.path, "rubbish");
    writeFileSync(file, Buffer.from([0xff, 0xfe, 0x0a]));
    const noText = await call(target, ["import", file]);
    expect(noText.errors).toContain("line 1: The line is not UTF-8. Is it an export?");
  });

  test("what the other store has otherwise is refused at its line, and stays", async () => {
    await using target = await startAdministered();
    await fill(target, { many: 400 });
    const before = await exportOf(target);

    const { exitCode, errors } = await call(target, ["import"], textOf(whole));

    expect(exitCode).toBe(4);
    expect(errors).toContain("deployment kept, event 1: another event stands here");
    expect(errors).toContain("deployment purged: another one was purged here");
    expect((await exportOf(target)).slice(1)).toEqual(before.slice(1));
  });
});
