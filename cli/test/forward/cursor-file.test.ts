import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterAll, expect, test } from "@jest/globals";
import { CursorFile } from "../../src/forward/cursor-file.ts";

afterAll(removeTemporaryFolders);

const source = { to: "slack", address: "127.0.0.1:50051", environment: "", service: "" };
const hash = Buffer.alloc(32, 7);
const newFile = () => join(temporaryFolder().path, "slack.cursor");

test("keeps how far each deployment was told, and where the first start began", async () => {
  const file = newFile();
  const first = await CursorFile.open(file, source);
  expect(first.isComplete).toBe(false);
  await first.move("a", { sequence: 1n, hash });
  await first.complete();
  await first.move("a", { sequence: 2n, hash: undefined });
  await first.close();

  const again = await CursorFile.open(file, source);

  expect(again.isComplete).toBe(true);
  expect(again.get("a")).toEqual({ sequence: 2n, hash: undefined });
  expect(again.get("b")).toBeUndefined();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await again.close();
});

test("cut off anywhere, it is what it was before the line that is cut", async () => {
  const file = newFile();
  const whole = await CursorFile.open(file, source);
  await whole.complete();
  for (let sequence = 1n; sequence <= 3n; sequence += 1n) await whole.move("a", { sequence, hash });
  await whole.close();
  const text = readFileSync(file, "utf8");
  const head = text.indexOf("\n") + 1;

  for (let end = head; end < text.length; end += 1) {
    writeFileSync(file, text);
    truncateSync(file, end);
    const lines = text.slice(0, end).split("\n").slice(1);
    const wholeLines = lines.filter((line) => line.startsWith("{") && line.endsWith("}") && line.includes("sequence"));
    const cut = await CursorFile.open(file, source);
    expect(cut.get("a")?.sequence).toBe(wholeLines.length === 0 ? undefined : BigInt(wholeLines.length));
    await cut.close();
  }
});

test("is written anew when most of it no longer counts", async () => {
  const file = newFile();
  const cursors = await CursorFile.open(file, source);
  await cursors.complete();

  await Promise.all(
    Array.from({ length: 10_100 }, (_, index) => cursors.move(`d-${index % 7}`, { sequence: BigInt(index), hash })),
  );
  await cursors.move("last", { sequence: 1n, hash });
  await cursors.close();

  expect(readFileSync(file, "utf8").split("\n").length).toBeLessThan(100);
  const again = await CursorFile.open(file, source);
  expect(again.get("d-0")?.sequence).toBe(10_094n);
  expect(again.get("last")?.sequence).toBe(1n);
  await again.close();
});

test("refuses what is none, damage in the middle, and the cursor of other events", async () => {
  const file = newFile();
  const open = () => CursorFile.open(file, source);
  writeFileSync(file, "hello\n");
  await expect(open()).rejects.toThrow("not a cursor of forward");
  writeFileSync(file, `{"format":"activity-events-forward","version":2}\n`);
  await expect(open()).rejects.toThrow("of another version, 2");
  writeFileSync(file, "");
  await expect(open()).rejects.toThrow("it is empty. Restore a copy, or delete it to start over.");
  for (const other of [{ environment: "prod" }, { to: "url" }]) {
    rmSync(file);
    await (await CursorFile.open(file, { ...source, ...other })).close();
    await expect(open()).rejects.toThrow(
      'it belongs to other events, {"format":"activity-events-forward","version":1,"to":',
    );
  }
  rmSync(file);
  await (await open()).close();
  appendFileSync(file, `{"deploymentId":"a"}\n{"complete":true}\n`);
  await expect(open()).rejects.toThrow("damaged at line 2");
  for (const place of [join(file, "in-a-file"), "/dev/full", "/dev"]) {
    await expect(CursorFile.open(place, source)).rejects.toThrow("--cursor");
  }
});

test("is one process' at a time, and that of a process that was killed is anybody's", async () => {
  const file = newFile();
  const first = await CursorFile.open(file, source);
  await expect(CursorFile.open(file, source)).rejects.toThrow(`process ${process.pid} forwards with it`);
  await first.close();
  const again = await CursorFile.open(file, source);
  const held = readFileSync(`${file}.owner`, "utf8");
  await again.close();

  // Its start tells another process of the same number.
  writeFileSync(`${file}.owner`, held.replace(/-\d*$/, "-1"));
  await (await CursorFile.open(file, source)).close();
  writeFileSync(`${file}.owner`, "rubbish");
  await (await CursorFile.open(file, source)).close();
});
