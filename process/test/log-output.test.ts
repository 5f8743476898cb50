import { expect, test } from "@jest/globals";
import { limits } from "../src/limits.ts";
import { LogOutput } from "../src/log-output.ts";

/** A disk with room for so many bytes, which takes at most three at once, and what was written to it. */
function openDisk(room: number) {
  const disk = { room, text: "", writes: 0 };
  const write = async (bytes: Uint8Array) => {
    disk.writes += 1;
    const taken = Math.min(bytes.length, disk.room, 3);
    if (taken === 0) throw new Error("no space left on device");
    disk.room -= taken;
    disk.text += Buffer.from(bytes.subarray(0, taken)).toString();
    return taken;
  };
  const output = new LogOutput({ write, lostLine: (lines) => `lost ${lines}\n` });
  return { disk, output };
}

test("writes lines in their order, however little is taken at once", async () => {
  const { disk, output } = openDisk(1_000);

  for (const line of ["one\n", "two\nthree\n", "four\n"]) output.write(line);
  await output.flush();

  expect(disk.text).toBe("one\ntwo\nthree\nfour\n");
});

test("goes on when there is room again, on a line of its own, and says first how many lines were lost", async () => {
  const { disk, output } = openDisk(6);

  for (const line of ["one\n", "two\nthree\n"]) output.write(line);
  await output.flush();
  output.write("four\n");
  await output.flush();
  disk.room = 1_000;
  output.write("five\n");
  output.write("six\n");
  await output.flush();

  expect(disk.text).toBe("one\ntw\nlost 3\nfive\nsix\n");
});

test("says it again on a line of its own where what it said was cut off", async () => {
  const { disk, output } = openDisk(4);

  output.write("one\ntwo\n");
  await output.flush();
  disk.room = 2;
  output.write("three\n");
  await output.flush();
  disk.room = 1_000;
  output.write("four\n");
  await output.flush();

  expect(disk.text).toBe("one\nlo\nlost 2\nfour\n");
});

test("keeps a bounded number of bytes for whoever takes none, and counts what comes beyond", async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let written = "";
  const write = async (bytes: Uint8Array) => {
    await held;
    written += Buffer.from(bytes).toString();
    return bytes.length;
  };
  const output = new LogOutput({ write, lostLine: (lines) => `lost ${lines}\n` });
  const line = `${"x".repeat(1_023)}\n`;
  const fit = limits.logWaitingBytesMax / line.length;

  for (let n = 0; n < fit + 10; n += 1) output.write(line);
  letGo();
  await output.flush();
  output.write("next\n");
  await output.flush();

  expect(written.split("x\n").length - 1).toBe(fit);
  const [, behind = "", ...others] = written.split("lost 10\n");
  expect(behind.replaceAll(line, "")).toBe("next\n");
  expect(others).toEqual([]);
});

test("counts what is lost while it says how much was", async () => {
  let isFull = true;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let written = "";
  const write = async (bytes: Uint8Array) => {
    if (isFull) throw new Error("no space left on device");
    await held;
    written += Buffer.from(bytes).toString();
    return bytes.length;
  };
  const output = new LogOutput({ write, lostLine: (lines) => `lost ${lines}\n` });
  const line = `${"x".repeat(1_023)}\n`;

  output.write("one\n");
  await output.flush();
  isFull = false;
  // It says so before this line, and waits; meanwhile more come than may wait.
  for (let n = 0; n < limits.logWaitingBytesMax / line.length + 6; n += 1) output.write(line);
  letGo();
  await output.flush();
  output.write("next\n");
  await output.flush();

  const told = written.split("\n").filter((text) => text.startsWith("lost"));
  expect(told[0]).toBe("lost 1");
  expect(
    told
      .slice(1)
      .map((text) => Number(text.slice(5)))
      .reduce((sum, lost) => sum + lost, 0),
  ).toBe(6);
  expect(written.endsWith("next\n")).toBe(true);
});

test("has nothing to flush when nothing was written", async () => {
  const { disk, output } = openDisk(0);

  await output.flush();

  expect(disk.writes).toBe(0);
});
