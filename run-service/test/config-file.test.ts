import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "@activity-events/process/config-error";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { describe, expect, test } from "@jest/globals";
import { readConfig } from "../src/config/config.ts";
import { ConfigSource } from "../src/config/config-source.ts";
import { limits } from "../src/limits.ts";

type Variables = Readonly<Record<string, string>>;

/** Reads the settings with this content of CONFIG_FILE; the folder in faults is left out. */
async function read(content: string | Uint8Array, environment: Variables = {}) {
  using folder = temporaryFolder();
  const file = join(folder.path, "config.yaml");
  writeFileSync(file, content);
  return await readAt(file, { XDG_DATA_HOME: "/data", ...environment });
}

async function readAt(file: string, environment: Variables = {}) {
  const source = new ConfigSource({ ...environment, CONFIG_FILE: file }, false);
  try {
    return await source.parse(await source.readText());
  } catch (error) {
    const faults = (error as ConfigError).faults.map((fault) => fault.replaceAll(file, "config.yaml"));
    throw new ConfigError(faults);
  }
}

const inEnvironment = (environment: Variables) => readConfig({ XDG_DATA_HOME: "/data", ...environment }, false);

describe("CONFIG_FILE", () => {
  test.each<[string, string, Variables]>([
    ["numbers and words", "PORT: 50052\nLOG_LEVEL: debug\n", { PORT: "50052", LOG_LEVEL: "debug" }],
    ["quoted values and names", `"PORT": "1"\n'STORE': 'memory'\n`, { PORT: "1", STORE: "memory" }],
    ["what looks like a number as it is written", "POKE_TOPIC: 1.10\n", { POKE_TOPIC: "1.10" }],
    ["a word with a sign in it", "DATA_DIR: /data/#1 # why\n", { DATA_DIR: "/data/#1" }],
    ["an IPv6 address", "HOST: ::1\n", { HOST: "::1" }],
    ["a flow mapping, and so JSON", '{"PORT": 1, "HEARTBEAT_SECONDS": 2}', { PORT: "1", HEARTBEAT_SECONDS: "2" }],
    ["nothing for none", "PORT:\nHOST: ~\nSTORE: null\nLOG_LEVEL: ''\n", {}],
    ["an empty mapping", "{}\n", {}],
    ["CRLF", "# settings\r\nPORT: 1\r\nLOG_LEVEL: warn\r\n", { PORT: "1", LOG_LEVEL: "warn" }],
    ["a byte order mark", "\uFEFFPORT: 1\n", { PORT: "1" }],
    ["a single document with its marks", "%YAML 1.2\n---\nPORT: 1\n...\n", { PORT: "1" }],
  ])("takes %s", async (_, content, variables) => {
    expect((await read(content)).config).toEqual(inEnvironment(variables));
  });

  test("goes below the environment, whose names are listed", async () => {
    const { config, overridden } = await read("PORT: 1\nLOG_LEVEL: debug\nHEARTBEAT_SECONDS: 3\n", {
      PORT: "2",
      HEARTBEAT_SECONDS: "",
    });

    expect(config).toEqual(inEnvironment({ PORT: "2", LOG_LEVEL: "debug", HEARTBEAT_SECONDS: "3" }));
    expect(overridden).toEqual(["PORT"]);
  });

  test.each([
    ["PORT: 1\nLOG_LEVEL: loud\n", '2:1: LOG_LEVEL must be one of trace, .*; found "loud"'],
    ["  HEARTBEAT_SECONDS: 0x10\n", '1:3: HEARTBEAT_SECONDS must be an integer from 1 to 3600; found "0x10"'],
    ["\uFEFFPORT: 1e3\n", '1:1: PORT must be an integer from 0 to 65535; found "1e3"'],
    ["# one\r\n\r\nSTORE: postgres\r\n", "3:1: STORE must be one of sqlite, memory, firestore"],
    ["STORE: firestore\nGOOGLE_CLOUD_PROJECT:\n", "2:1: GOOGLE_CLOUD_PROJECT must name a project"],
    ["HOST: unix:/run/s\n", '1:1: HOST must be an address or a name of this machine; found "unix:/run/s"'],
    ["LOGLEVEL: debug\n", '1:1: unknown setting "LOGLEVEL"; did you mean LOG_LEVEL?'],
    ["log_level: debug\n", '1:1: unknown setting "log_level"; did you mean LOG_LEVEL?'],
    ["PORT: 1\nHEARTBEAT_INTERVAL: 1\n", '2:1: unknown setting "HEARTBEAT_INTERVAL"; did you mean HEARTBEAT_SECONDS?'],
    ["STREAM_AGE_MAX: 1\n", '1:1: unknown setting "STREAM_AGE_MAX"; did you mean STREAM_MAX_AGE_SECONDS?'],
    ["XYZ: 1\n", '1:1: unknown setting "XYZ"; see --help'],
    ["CONFIG_FILE: other.yaml\n", "1:1: CONFIG_FILE can only be a variable of the environment"],
    ["PORT: 1\nPORT: 1\n", "2:1: PORT is set twice"],
    ["HOST: [::1]\n", "1:1: HOST must be text or a number; found a list; quote it if it is text"],
    ["PORT:\n  number: 1\n", "1:1: PORT must be text or a number; found a mapping"],
    ["POKE_TOPIC: true\n", '1:1: POKE_TOPIC must be text or a number; found "true"; quote it if it is text'],
    ["HOST: &h localhost\nPOKE_TOPIC: *h\n", "2:1: POKE_TOPIC must be text or a number; found an alias"],
    ["<<: {PORT: 1}\n", '1:1: unknown setting "<<"; see --help'],
    ["? [PORT]\n: 1\n", "1:3: the name of a setting must be plain text"],
    ["PORT: !secret x\n", "1:7: Unresolved tag: !secret"],
    ["", "1:1: the file is empty; write {} for no settings"],
    ["# nothing yet\n", "1:1: the file is empty; write {} for no settings"],
    ["---\n", "1:1: the file is empty; write {} for no settings"],
    ["- PORT: 1\n", "1:1: the file must hold a mapping, such as LOG_LEVEL: debug"],
    ["LOG_LEVEL=debug\nPORT=1\n", "1:1: the file must hold a mapping, such as LOG_LEVEL: debug"],
    ["PORT: 1\n\tHOST: localhost\n", "2:1: Tabs are not allowed as indentation"],
    ["PORT: 1\n---\nPORT: 2\n", "2:1: the file must hold a single YAML document"],
    ['PORT: "1\n', "2:1: Missing closing "],
    ["PORT: 1\nHOST: a\0b\n", "2:8: the file is not UTF-8 text"],
  ])("refuses %j and says where and why", async (content, fault) => {
    await expect(read(content)).rejects.toThrow(new RegExp(`^config.yaml:${fault.replaceAll(/[[?]/g, "\\$&")}`));
  });

  test.each([
    ["UTF-16", Buffer.from("\uFEFFPORT: 1\n", "utf16le"), "1:1"],
    ["Latin-1", Buffer.from("PORT: 1\n# für\n", "latin1"), "2:4"],
    ["a compressed file", Buffer.from("1f8b0800000000000003", "hex"), "1:1"],
  ])("refuses %s", async (_, content, place) => {
    await expect(read(content)).rejects.toThrow(`config.yaml:${place}: the file is not UTF-8 text`);
  });

  test("names every fault of the file and of the environment at once", async () => {
    const refused = read("PORT: -1\nLOG_FORMAT: xml\nSTORE: memory\n", { STORE: "postgres" });

    await expect(refused).rejects.toMatchObject({
      faults: [
        'STORE must be one of sqlite, memory, firestore; found "postgres"',
        'config.yaml:1:1: PORT must be an integer from 0 to 65535; found "-1"',
        'config.yaml:2:1: LOG_FORMAT must be one of pretty, json; found "xml"',
      ],
    });
  });

  test("names wrong values beside unknown names", async () => {
    const refused = read("HEARTBEAT_SECONDS: abc\nFOO: 1\nLOG_LEVEL: loud\n");

    await expect(refused).rejects.toMatchObject({
      faults: [
        'config.yaml:2:1: unknown setting "FOO"; see --help',
        expect.stringMatching(/^config.yaml:3:1: LOG_LEVEL must be one of /),
        expect.stringMatching(/^config.yaml:1:1: HEARTBEAT_SECONDS must be an integer /),
      ],
    });
  });

  test("names the first of many faults, and counts the others", async () => {
    const content = Array.from({ length: 1_000 }, (_, at) => `NO_${at}: 1`).join("\n");
    const first = Array.from({ length: 20 }, (_, at) =>
      expect.stringContaining(`:${at + 1}:1: unknown setting "NO_${at}"`),
    );

    await expect(read(content)).rejects.toMatchObject({ faults: [...first, "config.yaml: 980 more faults"] });
  });

  test("is refused, and ends nothing, when it is nested without end", async () => {
    await expect(read(`PORT: ${"[".repeat(16_000)}`)).rejects.toThrow(
      /^config.yaml:1:\d+: values are nested too deeply/,
    );
  });

  test("expands no alias, however many there are", async () => {
    const levels = Array.from({ length: 9 }, (_, at) => `L${at + 1}: &l${at + 1} [${`*l${at},`.repeat(9)}]`);

    await expect(read(["L0: &l0 x", ...levels].join("\n"))).rejects.toThrow('unknown setting "L0"');
  });

  test("may have so many bytes and no more", async () => {
    const full = "# why\n".padEnd(limits.configFileBytesMax - "\nPORT: 1\n".length, "#");

    expect((await read(`${full}\nPORT: 1\n`)).config.port).toBe(1);
    await expect(read(`${full}\nPORT: 12\n`)).rejects.toThrow("config.yaml has more than 16384 bytes");
    await expect(read(Buffer.alloc(10 * 1024 * 1024, "#"))).rejects.toThrow("config.yaml has more than 16384 bytes");
  });

  test("must be a file that is there", async () => {
    using folder = temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    mkdirSync(at("folder"));
    symlinkSync("circle", at("circle"));

    await expect(readAt(at("none"))).rejects.toThrow("CONFIG_FILE config.yaml does not exist");
    await expect(readAt(at("folder"))).rejects.toThrow("CONFIG_FILE config.yaml is a folder");
    await expect(readAt(at("circle"))).rejects.toThrow("CONFIG_FILE config.yaml cannot be read (ELOOP)");
  });
});
