import { join } from "node:path";
import { ConfigError } from "@activity-events/process/config-error";
import { describe, expect, test } from "@jest/globals";
import { readConfig } from "../src/config/config.ts";

describe("readConfig", () => {
  test("has a default for everything", () => {
    const config = readConfig({ XDG_DATA_HOME: "/data" }, false);

    expect(config).toEqual({
      host: "127.0.0.1",
      port: 50_051,
      store: { store: "sqlite", file: join("/data", "activity-events", "events.db") },
      adminTokenFile: join("/data", "activity-events", "admin-token"),
      isCloudRun: false,
      accessFile: undefined,
      isOpen: false,
      shares: { callsPerSecond: undefined, streams: undefined },
      reflects: true,
      pokeTopic: "activity-pokes",
      logLevel: "info",
      logFormat: "json",
      streamMaxAgeMs: 3_300_000,
      heartbeatIntervalMs: 15_000,
    });
  });

  test("takes each setting", () => {
    const config = readConfig(
      {
        HOST: "0.0.0.0",
        PORT: "0",
        STORE: "memory",
        ACCESS_FILE: "/etc/access.yaml",
        PRINCIPAL_CALLS_PER_SECOND: "200",
        PRINCIPAL_STREAMS: "50",
        REFLECTION: "off",
        LOG_LEVEL: "debug",
        LOG_FORMAT: "pretty",
        STREAM_MAX_AGE_SECONDS: "86400",
        HEARTBEAT_SECONDS: "1",
      },
      false,
    );

    expect(config).toEqual({
      host: "0.0.0.0",
      port: 0,
      store: { store: "memory" },
      adminTokenFile: undefined,
      isCloudRun: false,
      accessFile: "/etc/access.yaml",
      isOpen: false,
      shares: { callsPerSecond: 200, streams: 50 },
      reflects: false,
      pokeTopic: "activity-pokes",
      logLevel: "debug",
      logFormat: "pretty",
      streamMaxAgeMs: 86_400_000,
      heartbeatIntervalMs: 1_000,
    });
  });

  test("takes the settings of firestore, whose heartbeats are rarer", () => {
    const config = readConfig(
      { STORE: "firestore", GOOGLE_CLOUD_PROJECT: "p", FIRESTORE_DATABASE: "d", POKE_TOPIC: "t" },
      false,
    );

    expect(config).toMatchObject({
      store: { store: "firestore", projectId: "p", databaseId: "d" },
      pokeTopic: "t",
      heartbeatIntervalMs: 60_000,
    });
    expect(readConfig({ STORE: "firestore", GOOGLE_CLOUD_PROJECT: "p" }, false).store).toMatchObject({
      databaseId: "(default)",
    });
  });

  test("refuses firestore without a project", () => {
    expect(() => readConfig({ STORE: "firestore" }, false)).toThrow(/^GOOGLE_CLOUD_PROJECT must name a project/);
  });

  test.each([["sqlite"], ["memory"], [""]])(
    "refuses the store %j on Cloud Run, where its events would be lost",
    (STORE) => {
      expect(() => readConfig({ STORE, K_SERVICE: "activity-events" }, false)).toThrow(
        `STORE must be firestore on Cloud Run; found "${STORE || "sqlite"}", whose events would be lost with the instance`,
      );
    },
  );

  test("takes firestore on Cloud Run", () => {
    const settings = { STORE: "firestore", GOOGLE_CLOUD_PROJECT: "p" };

    expect(readConfig({ ...settings, K_SERVICE: "activity-events" }, false)).toEqual({
      ...readConfig(settings, false),
      isCloudRun: true,
    });
  });

  test("writes for people on a terminal", () => {
    const config = readConfig({}, true);

    expect(config.logFormat).toBe("pretty");
  });

  test("prefers DATA_DIR to XDG_DATA_HOME, and makes it absolute", () => {
    const config = readConfig({ DATA_DIR: "here", XDG_DATA_HOME: "/data" }, false);

    expect(config.store).toEqual({ store: "sqlite", file: join(process.cwd(), "here", "events.db") });
  });

  test("takes an empty value for none", () => {
    const settings = { PORT: "", STORE: "", HOST: "", LOG_LEVEL: "", DATA_DIR: "", XDG_DATA_HOME: "/data" };

    expect(readConfig(settings, false)).toEqual(readConfig({ XDG_DATA_HOME: "/data" }, false));
  });

  test.each([
    ["::1", "::1"],
    ["[::1]", "::1"],
    ["[fe80::1%eth0]", "fe80::1%eth0"],
    ["[localhost]", "[localhost]"],
  ])("takes the host %s for %s", (host, taken) => {
    expect(readConfig({ HOST: host }, false).host).toBe(taken);
  });

  test.each(["unix:/run/events.sock", "unix:///run/events.sock", "unix-abstract:events", "/run/events.sock"])(
    "refuses the host %s",
    (host) => {
      expect(() => readConfig({ HOST: host }, false)).toThrow(
        `HOST must be an address or a name of this machine; found ${JSON.stringify(host)}, but Unix sockets are not supported`,
      );
    },
  );

  test.each(["-1", "65536", "1.5", "1e3", "0x10", " 80", "80 ", "a", "+1", "９"])("refuses the port %j", (value) => {
    expect(() => readConfig({ PORT: value }, false)).toThrow(ConfigError);
  });

  test.each([
    ["STREAM_MAX_AGE_SECONDS", "0"],
    ["STREAM_MAX_AGE_SECONDS", "86401"],
    ["HEARTBEAT_SECONDS", "0"],
    ["HEARTBEAT_SECONDS", "3601"],
    ["STORE", "SQLITE"],
    ["LOG_LEVEL", "verbose"],
    ["LOG_FORMAT", "text"],
  ])("refuses %s=%s, and says which", (name, value) => {
    expect(() => readConfig({ [name]: value }, false)).toThrow(new RegExp(`^${name} must be .*; found "${value}"$`));
  });
});
