import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LogLine } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { describe, expect, test } from "@jest/globals";
import pino from "pino";
import { ConfigSource } from "../src/config/config-source.ts";
import { ConfigWatch } from "../src/config/config-watch.ts";
import { settings } from "../src/config/settings.ts";

/** Watches a real file, with looks so short after each other that a test can make many changes. */
async function watchFile(content: string) {
  const folder = temporaryFolder();
  const file = join(folder.path, "config.yaml");
  writeFileSync(file, content);
  const source = new ConfigSource({ CONFIG_FILE: file, XDG_DATA_HOME: "/data" }, false);
  const text = await source.readText();
  const { config } = await source.parse(text);
  const log: LogLine[] = [];
  const logger = pino(
    { level: config.logLevel, messageKey: "message" },
    { write: (line) => log.push(JSON.parse(line)) },
  );
  const watch = new ConfigWatch({ source, text, config, logger, intervalMs: 5 });
  const lineAfter = async (count: number) => {
    await until(() => log.length > count, `the log has more than ${count} lines`);
    return log[count] as LogLine;
  };
  return {
    file,
    watch,
    logger,
    log,
    /** Changes the file and returns the next line of the log. */
    change: (how: () => void) => {
      const count = log.length;
      how();
      return lineAfter(count);
    },
    replace: (next: string) => {
      writeFileSync(`${file}.next`, next);
      renameSync(`${file}.next`, file);
    },
    [Symbol.dispose]: () => {
      watch[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

describe("a settings file that goes bad while the service runs", () => {
  test("is refused once, whatever it became, and the earlier settings stay in force until it is good again", async () => {
    using watched = await watchFile("HEARTBEAT_SECONDS: 7\n");
    const { file, watch, change, replace } = watched;
    const place = (words: string) => ({ code: "CONFIG_REFUSED", faults: [expect.stringContaining(words)] });
    const lines = [
      await change(() => replace("")),
      await change(() => replace("- PORT\n")),
      await change(() => replace("HEARTBEAT_SECONDS: 8\nHEARTBEAT_SECONDS: 9\n")),
      await change(() => replace(`# ${"x".repeat(10 * 1024 * 1024)}`)),
      await change(() => {
        spawnSync("mkfifo", [`${file}.fifo`]);
        renameSync(`${file}.fifo`, file);
      }),
      await change(() => rmSync(file)),
      await change(() => mkdirSync(file)),
      await change(() => rmdirSync(file)),
    ];
    const inForce = watch.current.heartbeatIntervalMs;
    const back = await change(() => replace("HEARTBEAT_SECONDS: 7\n"));
    const better = await change(() => replace("HEARTBEAT_SECONDS: 8\n"));

    expect(lines).toMatchObject([
      place(`${file}:1:1: the file is empty`),
      place(`${file}:1:1: the file must hold a mapping`),
      place(`${file}:2:1: HEARTBEAT_SECONDS is set twice`),
      place("has more than 16384 bytes"),
      place("is no file"),
      place("does not exist"),
      place("is a folder"),
      place("does not exist"),
    ]);
    expect(inForce).toBe(7_000);
    expect(back).toMatchObject({ code: "CONFIG_READ", changed: [] });
    expect(better).toMatchObject({ code: "CONFIG_READ", changed: ["HEARTBEAT_SECONDS"] });
    expect(watch.current.heartbeatIntervalMs).toBe(8_000);
    expect(watched.log).toHaveLength(lines.length + 2);
  });
});

test("each setting is either in force at once or named as needing a restart", async () => {
  using watched = await watchFile("{}");
  const changes: Readonly<Record<string, string>> = {
    PORT: "1",
    HOST: "127.0.0.2",
    STORE: "memory",
    // One goes with the other.
    TLS_CERT_FILE: "/tls.crt\nTLS_KEY_FILE: /tls.key",
    TLS_KEY_FILE: "/tls.key\nTLS_CERT_FILE: /tls.crt",
    TLS_CLIENT_CA_FILE: "/ca.crt\nTLS_CERT_FILE: /tls.crt\nTLS_KEY_FILE: /tls.key",
    DATA_DIR: "/elsewhere",
    POKE_TOPIC: "others",
    PUBSUB_ENDPOINT: "europe-west1-pubsub.googleapis.com",
    ACCESS_FILE: "/elsewhere/access.yaml",
    ACCESS: "open",
    PRINCIPAL_CALLS_PER_SECOND: "9",
    PRINCIPAL_STREAMS: "9",
    REFLECTION: "off",
    LOG_LEVEL: "debug",
    LOG_FORMAT: "pretty",
    STREAM_MAX_AGE_SECONDS: "9",
    HEARTBEAT_SECONDS: "9",
    RETENTION_DAYS: "'*=9'",
  };
  const said: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(changes)) {
    const { changed, restart_for = [] } = await watched.change(() => watched.replace(`${name}: ${value}\n`));
    said[name] = (restart_for as string[]).includes(name) ? "restart" : (changed as string[]).includes(name) && "live";
  }

  // Those of the firestore store are nothing to another store.
  const ofFirestore = ["GOOGLE_CLOUD_PROJECT", "FIRESTORE_DATABASE"];
  const others = settings.filter(({ name }) => !ofFirestore.includes(name));
  expect(said).toEqual(Object.fromEntries(others.map(({ name, isLive }) => [name, isLive ? "live" : "restart"])));
});

test("the line of a change is seen with the old level of the log or with the new one", async () => {
  using watched = await watchFile("LOG_LEVEL: silent\n");
  const { change, replace, logger } = watched;

  const louder = await change(() => replace("LOG_LEVEL: info\n"));
  const quieter = await change(() => replace("LOG_LEVEL: silent\n"));

  expect([louder, quieter]).toMatchObject([{ changed: ["LOG_LEVEL"] }, { changed: ["LOG_LEVEL"] }]);
  expect(logger.level).toBe("silent");
});

test("a watch that is over reads no more", async () => {
  using watched = await watchFile("HEARTBEAT_SECONDS: 7\n");
  using other = await watchFile("HEARTBEAT_SECONDS: 7\n");

  watched.watch[Symbol.dispose]();
  watched.replace("HEARTBEAT_SECONDS: 8\n");
  // The other looks at its file as often, many times.
  for (const seconds of [1, 2, 3]) await other.change(() => other.replace(`HEARTBEAT_SECONDS: ${seconds}\n`));

  expect([watched.log, watched.watch.current.heartbeatIntervalMs]).toEqual([[], 7_000]);
});
