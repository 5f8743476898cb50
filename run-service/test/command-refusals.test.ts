import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { describe, expect, test } from "@jest/globals";
import { run, storeEvents } from "./run-command.ts";

function shell(file: string, sql: string): void {
  using database = new DatabaseSync(file);
  database.exec(sql);
}

describe("check says of a store", () => {
  const serves = "The service serves undamaged events and answers DATA_LOSS for the others.";
  const startsNot = "The service does not start with this file.";

  const damages: readonly (readonly [string, (file: string) => void, readonly (RegExp | string)[]])[] = [
    [
      "that is cut off",
      (file: string) => truncateSync(file, 9_000),
      [/^ {2}it is cut off: 9000 of \d+ bytes are there$/, startsNot],
    ],
    [
      "without its heads that the service does not start with it",
      (file: string) => shell(file, "DROP TABLE heads"),
      [/^ {2}the service cannot open it: no such table: heads$/, startsNot],
    ],
    [
      "that has lost a deployment that the service creates none",
      (file: string) => shell(file, "DELETE FROM deployments"),
      [
        /^ {2}1 of 1 deployment is lost, so the service creates none without --accept-loss$/,
        serves,
        /^ {2}1 row of heads belongs to no deployment$/,
      ],
    ],
  ];
  test.each(damages)("%s", async (_, damage, expected) => {
    using folder = temporaryFolder();
    await storeEvents(folder.path, 1, "SIGTERM");
    damage(join(folder.path, "events.db"));

    const { code, errors } = await run(folder.path, "check");

    expect(code).toBe(1);
    const lines = errors.split("\n").map((line) => line.replace("activity_server: ", ""));
    for (const part of expected) {
      const said = part instanceof RegExp ? expect.stringMatching(part) : expect.stringContaining(part);
      expect(lines).toContainEqual(said);
    }
  });
});

const kinds = [
  ["a folder", (path: string) => mkdirSync(path)],
  ...(process.platform === "win32"
    ? []
    : [["a named pipe", (path: string) => execFileSync("mkfifo", [path])] as const]),
] as const;

describe.each(kinds)("where %s has the name of one of the store's files,", (kind, make) => {
  test.each(["", "-wal", "-shm", "-marker", "-lock"])("events.db%s, a start and a restore say so", async (end) => {
    using folder = temporaryFolder();
    await storeEvents(folder.path, 1, "SIGTERM");
    const [file, copy] = [join(folder.path, "events.db"), join(folder.path, "copy.db")];
    copyFileSync(file, copy);
    rmSync(`${file}${end}`, { force: true });
    make(`${file}${end}`);

    for (const args of [[], ["restore", copy]]) {
      const { code, errors } = await run(folder.path, ...args);

      const said = `activity_server: ${file}${end} is ${kind}, not a file; move it away, or name another place\n`;
      expect([code, errors]).toEqual([1, said]);
    }
  });

  test("a copy that is one is refused by restore, and check and backup refuse such a store", async () => {
    using folder = temporaryFolder();
    const [file, copy] = [join(folder.path, "events.db"), join(folder.path, "copy.db")];
    for (const path of [file, copy]) make(path);

    const answers = [
      await run(folder.path, "check"),
      await run(folder.path, "backup", join(folder.path, "new.db")),
      await run(folder.path, "restore", copy),
    ];

    for (const { code, errors } of answers) {
      expect([code, errors]).toEqual([1, expect.stringMatching(new RegExp(`db is ${kind}, not a file; .*\n$`))]);
    }
    expect(readdirSync(folder.path).filter((name) => /unfinished|restoring/.test(name))).toEqual([]);
  });
});

test("backup names the folder that is not there, and restore a copy that is none or is cut off", async () => {
  using folder = temporaryFolder();
  await storeEvents(folder.path, 1, "SIGTERM");
  const [none, diary, cut] = ["none", "diary", "cut.db"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(diary, "dear diary");
  copyFileSync(join(folder.path, "events.db"), cut);
  truncateSync(cut, 9_000);

  const answers = [
    await run(folder.path, "backup", join(none, "copy.db")),
    await run(folder.path, "restore", diary),
    await run(folder.path, "restore", cut),
    await run(none, "check"),
  ];

  expect(answers.map(({ code, errors }) => [code, errors])).toEqual([
    [1, `activity_server: there is no folder ${none} for the copy; make it, or name another\n`],
    [1, `activity_server: ${diary} is not an event store, or its header is damaged; use another copy\n`],
    [
      1,
      expect.stringMatching(
        /cut\.db cannot be read, so nothing was restored: it is cut off: 9000 of .*; use another copy\n$/,
      ),
    ],
    [1, `activity_server: there is no store ${join(none, "events.db")}; set DATA_DIR to the folder of one\n`],
  ]);
  expect(await run(folder.path, "check")).toMatchObject({ code: 0 });
});
