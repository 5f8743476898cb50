import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { describe, expect, test } from "@jest/globals";
import packageJson from "../package.json" with { type: "json" };
import { configFileSetting, settings } from "../src/config/settings.ts";
import { newEvent } from "./new-event.ts";
import { startService } from "./start-service.ts";

const { createEvent } = ActivityEventsService.method;

/** Runs the service to its end, which comes by itself. */
async function run(options: ConstructorParameters<typeof ServiceProcess>[0]) {
  await using service = new ServiceProcess(options);
  const { code } = await service.ended;
  return { code, output: service.output, errors: service.errors.split("\n").slice(0, -1) };
}

describe("a service that cannot run", () => {
  test.concurrent("lists every wrong setting at once, with exit code 2", async () => {
    const { code, output, errors } = await run({
      environment: {
        PORT: "65536",
        STORE: "postgres",
        LOG_LEVEL: "loud",
        LOG_FORMAT: "xml",
        STREAM_MAX_AGE_SECONDS: "0",
        HEARTBEAT_SECONDS: "a minute",
      },
    });

    expect(code).toBe(2);
    expect(output).toEqual([]);
    expect(errors.sort()).toEqual([
      'activity_server: HEARTBEAT_SECONDS must be an integer from 1 to 3600; found "a minute"',
      'activity_server: LOG_FORMAT must be one of pretty, json; found "xml"',
      'activity_server: LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent; found "loud"',
      'activity_server: PORT must be an integer from 0 to 65535; found "65536"',
      'activity_server: STORE must be one of sqlite, memory, firestore; found "postgres"',
      'activity_server: STREAM_MAX_AGE_SECONDS must be an integer from 1 to 86400; found "0"',
    ]);
  });

  test.concurrent("says in one line that a store on the instance's own disk is lost on Cloud Run, with exit code 2", async () => {
    const { code, output, errors } = await run({ environment: { STORE: "sqlite", K_SERVICE: "activity-events" } });

    expect([code, output]).toEqual([2, []]);
    expect(errors).toEqual([
      expect.stringMatching(/^activity_server: STORE must be firestore on Cloud Run; found "sqlite"/),
    ]);
  });

  test.concurrent("says that others could call and nobody said who may, and the lines that say it, with exit code 2", async () => {
    const { code, output, errors } = await run({ environment: { HOST: "0.0.0.0" } });

    expect([code, output]).toEqual([2, []]);
    expect(errors).toEqual([
      expect.stringMatching(
        /^activity_server: HOST is 0[.]0[.]0[.]0, which others can reach, but nothing says who may do what/,
      ),
      expect.stringMatching(/ ACCESS_FILE=access[.]yaml /),
      expect.stringMatching(/ ACCESS=open /),
    ]);
  });

  test.concurrent("lists what is wrong in the settings' file with line and column, with exit code 2", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "config.yaml");
    writeFileSync(file, "LOG_LEVL: debug\nPORT: many\n");

    const named = await run({ environment: { CONFIG_FILE: file } });
    writeFileSync(file, "STORE: memory\nSTREAM_MAX_AGE_SECONDS: 0\n");
    const valued = await run({ environment: { CONFIG_FILE: file } });
    const absent = await run({ environment: { CONFIG_FILE: `${file}.old` } });

    expect([named, valued, absent].map(({ code, output }) => [code, output])).toEqual(Array(3).fill([2, []]));
    expect(named.errors).toEqual([`activity_server: ${file}:1:1: unknown setting "LOG_LEVL"; did you mean LOG_LEVEL?`]);
    expect(valued.errors).toEqual([
      `activity_server: ${file}:2:1: STREAM_MAX_AGE_SECONDS must be an integer from 1 to 86400; found "0"`,
    ]);
    expect(absent.errors).toEqual([`activity_server: CONFIG_FILE ${file}.old does not exist`]);
  });

  test.concurrent("says in one line that the port is in use, with exit code 1", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;

    const { code, output, errors } = await run({ environment: { PORT: `${port}`, STORE: "sqlite" } });
    other.close();

    expect(code).toBe(1);
    expect(errors).toEqual([
      expect.stringMatching(
        new RegExp(`^activity_server: cannot listen on 127.0.0.1:${port}: another program listens there; .*PORT`),
      ),
    ]);
    expect(output).toEqual([]);
  });

  test.concurrent("says in one line that HOST is no address of this machine, with exit code 1", async () => {
    const { code, errors } = await run({ environment: { HOST: "192.0.2.1", ACCESS: "open" } });

    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/^activity_server: cannot listen on 192\.0\.2\.1:0 /)]);
  });

  test.concurrent("says what to type where others can reach it and nothing says who may call, with exit code 2", async () => {
    const { code, output, errors } = await run({ environment: { HOST: "0.0.0.0" } });

    expect(code).toBe(2);
    expect(errors).toEqual([
      "activity_server: HOST is 0.0.0.0, which others can reach, but nothing says who may do what; set one of",
      "activity_server:   ACCESS_FILE=access.yaml   a file of who may do what (docs/access.md)",
      "activity_server:   ACCESS=open               everybody who reaches it may do everything",
    ]);
    expect(output).toEqual([]);
  });

  test.concurrent("says in one line that the folder cannot be written, with exit code 1", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "a-file");
    writeFileSync(file, "");

    const { code, errors } = await run({ environment: { STORE: "sqlite", DATA_DIR: join(file, "below") } });

    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/^activity_server: .*a-file.below/)]);
  });

  test.concurrent.each([
    ["is no database", Buffer.from("dear diary")],
    ["is empty", Buffer.alloc(0)],
    ["is another program's database", databaseOf("CREATE TABLE diary (day TEXT)")],
  ])("says in one line that the store's file %s, with exit code 1, and leaves it as it is", async (_, content) => {
    using folder = temporaryFolder();
    const file = join(folder.path, "events.db");
    writeFileSync(file, content);
    const before = statSync(file).mtimeMs;

    const { code, errors } = await run({ environment: { STORE: "sqlite", DATA_DIR: folder.path } });

    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/^activity_server: .*events\.db is not an event store/)]);
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(statSync(file).mtimeMs).toBe(before);
  });

  test.concurrent("says in one line that the store is of a newer version, with exit code 1, and leaves it as it is", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "events.db");
    await stopStarted(folder.path);
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 99");
    database.close();
    const content = readFileSync(file);

    const { code, errors } = await run({ environment: { STORE: "sqlite", DATA_DIR: folder.path } });

    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/^activity_server: .*has schema 99 but this program supports \d+/)]);
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  test.concurrent("says in one line that the store is damaged, with exit code 1", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "events.db");
    await stopStarted(folder.path);
    const content = readFileSync(file).subarray(0, 5_000);
    writeFileSync(file, content);

    const { code, errors } = await run({ environment: { STORE: "sqlite", DATA_DIR: folder.path } });

    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/^activity_server: .*events\.db/)]);
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  test.concurrent("says in one line that another process holds the store, with exit code 1; that one goes on", async () => {
    using folder = temporaryFolder();
    await using first = await startService({ STORE: "sqlite", DATA_DIR: folder.path });

    const { code, errors } = await run({ environment: { STORE: "sqlite", DATA_DIR: folder.path } });
    const { event } = await first.client.call(createEvent, { event: newEvent() });

    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/^activity_server: another process holds .*DATA_DIR/)]);
    expect(event?.sequence).toBe(1n);
  });
});

describe("the arguments", () => {
  test.concurrent("--help shows every setting with its default", async () => {
    const [long, short] = await Promise.all([run({ arguments: ["--help"] }), run({ arguments: ["-h"] })]);

    const help = long.output.join("\n");
    expect([long.code, long.errors]).toEqual([0, []]);
    for (const { name, default: value } of [...settings, configFileSetting]) {
      expect(help).toMatch(new RegExp(`^ +${name} `, "m"));
      expect(help).toContain(`default: ${value}`);
    }
    expect(help).toContain("Exit codes");
    expect(short.output).toEqual(long.output);
  });

  test.concurrent("--version shows the version", async () => {
    const { code, output } = await run({ arguments: ["--version"] });

    expect([code, output]).toEqual([0, [`activity_server ${packageJson.version}`]]);
  });

  test.concurrent("what is not known is said in one line, with exit code 2", async () => {
    const { code, output, errors } = await run({ arguments: ["--port", "7"] });

    expect([code, output]).toEqual([2, []]);
    expect(errors).toEqual(["activity_server: unknown argument --port 7; see --help"]);
  });

  test.each(["constructor", "__proto__"])(
    "%p, which is a property of every object, is no command",
    async (argument) => {
      const { code, errors } = await run({ arguments: [argument] });

      expect(code).toBe(2);
      expect(errors).toEqual([`activity_server: unknown argument ${argument}; see --help`]);
    },
  );
});

/** Starts a service on this folder and stops it, so that its store is there. */
async function stopStarted(dataDir: string): Promise<void> {
  await using service = await startService({ STORE: "sqlite", DATA_DIR: dataDir });
  await service.client.call(createEvent, { event: newEvent() });
  service.process.kill("SIGTERM");
  await service.process.ended;
}

/** The bytes of a database with these tables. */
function databaseOf(sql: string): Buffer {
  using folder = temporaryFolder();
  const file = join(folder.path, "other.db");
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
  return readFileSync(file);
}
