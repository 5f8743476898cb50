import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { describe, expect, test } from "@jest/globals";
import { newEvent } from "./new-event.ts";
import { run, storeEvents } from "./run-command.ts";
import { startService } from "./start-service.ts";

const { createEvent, getDeployment } = ActivityEventsService.method;
const admin = ActivityEventsAdminService.method;

test("commands take the store's folder from the settings' file, as the service does", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "config.yaml");
  writeFileSync(file, `STORE: sqlite\nDATA_DIR: ${JSON.stringify(folder.path)}\n`);
  await storeEvents(folder.path, 2, "SIGTERM");

  await using check = new ServiceProcess({
    arguments: ["check"],
    environment: { CONFIG_FILE: file, STORE: "", DATA_DIR: "" },
  });
  await check.ended;

  expect([check.output, check.errors]).toEqual([["sound: 1 deployment, 2 events"], ""]);
});

test("a store is checked, copied while it runs, and restored, and each says what it did", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  const copy = join(path, "copy.db");
  await using service = await startService({ STORE: "sqlite", DATA_DIR: path });
  for (let event = 0; event < 3; event += 1)
    await service.client.call(createEvent, { event: newEvent({ deploymentId: "d" }) });

  const copied = await run(path, "backup", copy);
  const refused = await Promise.all([run(path, "check"), run(path, "restore", copy)]);
  service.process.kill("SIGTERM");
  await service.process.ended;
  await storeEvents(path, 2, "SIGKILL");
  const checked = await run(path, "check", "--deep");
  const restored = await run(path, "restore", copy);
  const after = await run(path, "check");

  expect(copied).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^copied .*events\.db to .*copy\.db: 1 deployment, 3 events$/),
  });
  for (const { code, errors } of refused) {
    expect([code, errors]).toEqual([1, expect.stringMatching(/^activity_server: another process holds .*events\.db/)]);
  }
  expect(checked).toMatchObject({ code: 0, output: "sound: 1 deployment, 5 events", errors: "" });
  expect(restored).toMatchObject({
    code: 0,
    output: expect.stringMatching(
      /^restored .*: 1 deployment, 3 events\nkept the previous store in files named .*events\.db-kept-/,
    ),
  });
  expect(after.output).toBe("sound: 1 deployment, 3 events");
});

test("an edited store is sound, and a copy of it is too, before and after it is restored", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  const copy = join(path, "copy.db");
  await using service = await startService({ STORE: "sqlite", DATA_DIR: path });
  const { client } = service;
  const record = (deploymentId: string, eventId: string, message: string) =>
    client.call(createEvent, { event: newEvent({ deploymentId, eventId: `${deploymentId}-${eventId}`, message }) });
  for (const deploymentId of ["redacted", "deleted", "purged"]) {
    await record(deploymentId, "leak", `hunter2-${deploymentId}`);
    await record(deploymentId, "step", `harmless-${deploymentId}`);
  }
  const headers = { authorization: `Bearer ${readFileSync(join(path, "admin-token"), "utf8").trim()}` };
  const leak = { deploymentId: "redacted", eventId: "redacted-leak" };
  await client.call(admin.redactEvent, leak, { headers });
  await client.call(admin.deleteDeployment, { deploymentId: "deleted" }, { headers });
  await client.call(admin.purgeDeployment, { deploymentId: "purged" }, { headers });

  const copied = await run(path, "backup", copy);
  service.process.kill("SIGTERM");
  await service.process.ended;
  const checked = await run(path, "check", "--deep");
  await storeEvents(path, 1, "SIGKILL");
  const restored = await run(path, "restore", copy);
  const after = await run(path, "check", "--deep");

  const counts = "3 deployments, 5 events";
  expect(copied).toMatchObject({ code: 0, output: expect.stringMatching(new RegExp(`copy\\.db: ${counts}$`)) });
  expect(checked).toEqual({ code: 0, output: `sound: ${counts}`, errors: "" });
  expect(restored).toMatchObject({ code: 0, output: expect.stringContaining(`: ${counts}\n`) });
  expect(after).toEqual({ code: 0, output: `sound: ${counts}`, errors: "" });
  for (const name of ["copy.db", "events.db"]) {
    const bytes = readFileSync(join(path, name));
    expect(bytes.includes("harmless-redacted")).toBe(true);
    for (const gone of ["hunter2-redacted", "hunter2-purged", "harmless-purged"]) {
      expect([name, gone, bytes.includes(gone)]).toEqual([name, gone, false]);
    }
  }
  await using again = await startService({ STORE: "sqlite", DATA_DIR: path });
  const read = (deploymentId: string) => again.client.call(getDeployment, { deploymentId });
  expect((await read("redacted")).deployment).toMatchObject({ headSequence: 3n, edits: 1n });
  await expect(read("purged")).rejects.toThrow(/purged/);
  await expect(read("deleted")).rejects.toThrow(/NOT_FOUND/);
});

test("check lists what is damaged, and what to type", async () => {
  using folder = temporaryFolder();
  await storeEvents(folder.path, 3, "SIGTERM");
  const shell = new DatabaseSync(join(folder.path, "events.db"));
  shell.exec("DELETE FROM events WHERE sequence = 2");
  shell.close();

  const { code, errors } = await run(folder.path, "check");

  expect(code).toBe(1);
  expect(errors).toMatch(
    /^activity_server: .*events\.db is damaged in one place:\n.* d\/2: .*\n(.*\n)*.*activity_server restore FILE/,
  );
});

describe("a store whose log is gone after a kill", () => {
  test("is not started, and says the way out; --accept-loss starts it, keeps what is there and logs that", async () => {
    using folder = temporaryFolder();
    const { path } = folder;
    await storeEvents(path, 3, "SIGKILL");
    rmSync(join(path, "events.db-wal"));

    const refused = await run(path);
    await using service = new ServiceProcess({
      arguments: ["--accept-loss"],
      environment: { STORE: "sqlite", DATA_DIR: path },
    });
    await service.line(({ message }) => message === "listening");

    expect(refused.code).toBe(1);
    expect(refused.errors).toMatch(
      /events\.db-wal is missing.*\n.*3 of 3 acknowledged events.*are lost.*\n.*restore FILE.*\n.*--accept-loss/,
    );
    expect(service.log).toContainEqual(
      expect.objectContaining({ severity: "WARNING", code: "STORE_LOSS_ACCEPTED", lost_events: 3 }),
    );
    expect(readdirSync(path).filter((name) => /-kept-.*-marker$/.test(name))).toHaveLength(1);
  });
});

test("a service says within its probes that its log is gone, without any traffic", async () => {
  using folder = temporaryFolder();
  await using service = await startService({ STORE: "sqlite", DATA_DIR: folder.path });
  await service.client.call(createEvent, { event: newEvent() });

  rmSync(join(folder.path, "events.db-wal"));
  const line = await service.process.line(({ code }) => code === "STORE_NOT_ANSWERING");

  expect(line).toMatchObject({ severity: "ERROR" });
  await expect(service.client.call(createEvent, { event: newEvent() })).rejects.toThrow(/-wal/);
});

test("a command without its file, with too much, or on another store is said in one line, with exit code 2", async () => {
  using folder = temporaryFolder();
  const answers = await Promise.all([
    run(folder.path, "backup"),
    run(folder.path, "restore", "a", "b"),
    run(folder.path, "check", "--all"),
  ]);

  for (const { code, errors } of answers) {
    expect([code, errors]).toEqual([2, expect.stringMatching(/^activity_server: usage: activity_server .*\n$/)]);
  }
});

test.each(["backup", "restore"])(
  "%s says which file is in its way or missing, and leaves nothing behind",
  async (command) => {
    using folder = temporaryFolder();
    await storeEvents(folder.path, 1, "SIGTERM");
    const there = join(folder.path, "there");
    if (command === "backup") writeFileSync(there, "");

    const { code, errors } = await run(folder.path, command, there);

    expect([code, errors]).toEqual([
      1,
      expect.stringMatching(/^activity_server: (.*there exists|there is no copy .*there).*\n$/),
    ]);
    expect(existsSync(`${there}-unfinished`)).toBe(false);
  },
);

test.each(["check", "backup", "restore"])("%s --help prints arguments, exit codes and an example", async (command) => {
  using folder = temporaryFolder();

  const { code, output, errors } = await run(folder.path, command, "--help");

  expect([code, errors]).toEqual([0, ""]);
  for (const part of [`Usage: activity_server ${command} `, "Arguments:", "Exit codes: 0 ", "Example:"]) {
    expect(output).toContain(part);
  }
  expect(readdirSync(folder.path)).toEqual([]);
});

test.each([
  ["start", ["restore"], "npm start -- restore FILE; see npm start -- restore --help"],
  ["start", ["check", "x"], "npm start -- check [--deep]; see npm start -- check --help"],
  ["backup", ["backup"], "npm run -s backup -- FILE; see npm run -s backup -- --help"],
])("a refusal names what the user typed when npm %s runs it", async (script, args, usage) => {
  using folder = temporaryFolder();
  const npm = { npm_lifecycle_event: script, npm_package_name: "activity-events" };
  await using service = new ServiceProcess({
    arguments: args,
    environment: { STORE: "sqlite", DATA_DIR: folder.path, ...npm },
  });

  await service.ended;

  expect(service.errors).toBe(`activity_server: usage: ${usage}\n`);
});

test("an empty marker beside a whole store is told with the way out, which leads to a store that starts again", async () => {
  using folder = temporaryFolder();
  await storeEvents(folder.path, 3, "SIGTERM");
  writeFileSync(join(folder.path, "events.db-marker"), "");

  const refused = await run(folder.path);
  await using accepted = new ServiceProcess({
    arguments: ["--accept-loss"],
    environment: { STORE: "sqlite", DATA_DIR: folder.path },
  });
  await accepted.line(({ message }) => message === "listening");
  accepted.kill("SIGTERM");
  await accepted.ended;

  expect(refused.code).toBe(1);
  expect(refused.errors).toMatch(/events\.db-marker is damaged(.|\n)* activity_server --accept-loss /);
  await storeEvents(folder.path, 1, "SIGTERM");
  expect(await run(folder.path, "check")).toMatchObject({ code: 0, output: "sound: 1 deployment, 4 events" });
});
