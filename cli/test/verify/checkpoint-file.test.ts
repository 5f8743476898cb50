import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { collect } from "@activity-events/testing/collect";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { CheckpointEntry } from "../../src/verify/checkpoint-entry.ts";
import { checkCheckpoint, NewCheckpoint, readCheckpoint } from "../../src/verify/checkpoint-file.ts";

let folder = "";
beforeEach(() => {
  folder = temporaryFolder().path;
});
afterEach(removeTemporaryFolders);

const entry = (number: number): CheckpointEntry => ({
  deploymentId: `d${number}`,
  createTimeUs: 1_800_000_000_000_001n - BigInt(number),
  historyHash: { hash: Buffer.alloc(32, number), sequence: BigInt(number) + 1n, from: 1n },
});

async function write(file: string, entries: readonly CheckpointEntry[]): Promise<void> {
  await using checkpoint = await NewCheckpoint.begin(file);
  for (const one of entries) await checkpoint.add(one);
  await checkpoint.replace();
}

test("gives back what was kept, of none, one and many deployments", async () => {
  const file = join(folder, "checkpoint");

  expect(await checkCheckpoint(file)).toBe(false);
  for (const count of [0, 1, 2_500]) {
    const entries = Array.from({ length: count }, (_, number) => entry(number));
    await write(file, entries);

    expect(await checkCheckpoint(file)).toBe(true);
    expect(await collect(readCheckpoint(file))).toEqual(entries);
  }
  expect(readdirSync(folder)).toEqual(["checkpoint"]);
});

test("takes away what is not put in place", async () => {
  const file = join(folder, "checkpoint");
  await write(file, [entry(1)]);
  const before = readFileSync(file, "utf8");

  {
    await using checkpoint = await NewCheckpoint.begin(file);
    await checkpoint.add(entry(2));
  }

  expect(readFileSync(file, "utf8")).toBe(before);
  expect(readdirSync(folder)).toEqual(["checkpoint"]);
});

test("refuses a file with any byte altered, left out, or cut off behind it", async () => {
  const file = join(folder, "checkpoint");
  await write(file, [entry(1), entry(2)]);
  const whole = readFileSync(file);

  // The last byte ends the last line, which is whole without it.
  for (let at = 0; at < whole.length - 1; at += 1) {
    const altered = Buffer.from(whole);
    altered[at] = (altered[at] ?? 0) ^ 1;
    const without = Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]);
    for (const bytes of [altered, without, whole.subarray(0, at)]) {
      writeFileSync(file, bytes);
      const problem = new RegExp(`--checkpoint ${file}: (?:damaged at line|not a checkpoint)`);
      await expect(checkCheckpoint(file)).rejects.toThrow(problem);
    }
  }
});

test("refuses one whose entries are out of order, and one with something behind its end", async () => {
  const file = join(folder, "checkpoint");
  await write(file, [entry(2), entry(1)]);
  await expect(checkCheckpoint(file)).rejects.toThrow("damaged at line 3");

  await write(file, [entry(1)]);
  writeFileSync(file, `${readFileSync(file, "utf8")}{}\n`);
  await expect(checkCheckpoint(file)).rejects.toThrow("damaged at line 4");
});
