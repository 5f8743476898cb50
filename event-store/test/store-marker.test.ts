import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { readMark, writeMark } from "../src/sqlite/files/store-marker.ts";

const markerModule = new URL("../src/sqlite/files/store-marker.ts", import.meta.url).href;

/** Writes a marker in a process that may write no byte, as on a full disk; answers the error's code. */
function writeWithoutRoom(file: string): string {
  const script = `
    process.on("SIGXFSZ", () => {});
    const { writeMark } = await import(${JSON.stringify(markerModule)});
    try { writeMark(${JSON.stringify(file)}, { state: "closed" }); } catch ({ code }) { process.stdout.write(code); }`;
  const node = [process.execPath, "--input-type=module", "--eval", script];
  const { stdout } = spawnSync("sh", ["-c", 'ulimit -f 0; exec "$@"', "sh", ...node], { encoding: "utf8" });
  return stdout;
}

const onPosix = process.platform === "win32" ? test.skip : test;

onPosix("a marker for which there is no room leaves nothing behind, and the one before stays", () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "events.db");

  expect(writeWithoutRoom(file)).toBe("EFBIG");

  expect(readdirSync(folder.path)).toEqual([]);
  writeMark(file, { state: "closed", lastNumber: 7 });
  expect(writeWithoutRoom(file)).toBe("EFBIG");
  expect(readMark(file)).toEqual({ state: "closed", lastNumber: 7 });
  expect(readdirSync(folder.path)).toEqual(["events.db-marker"]);
});
