import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { isRunning, leftAfterMs, ownerText, parseOwner, thisOwner } from "../../src/files/process-owner.ts";

const now = 1_000_000_000;

test("knows a process that runs, however long its file was not touched", () => {
  const owner = parseOwner(ownerText(thisOwner()));

  expect(owner).toEqual(thisOwner());
  expect(isRunning(thisOwner(), now - 10 * leftAfterMs, now)).toBe(true);
});

test("knows a process that has ended, and one that has its id again", async () => {
  const child = spawn("true");
  const { place, start } = thisOwner();
  const ended = { place, pid: child.pid ?? 0, start };
  await once(child, "close");

  expect(isRunning(ended, now, now)).toBe(false);
  expect(isRunning({ ...thisOwner(), start: `${Number(start) - 1}` }, now, now)).toBe(false);
});

test("goes by the id and the time of the file where the system does not tell when a process started", async () => {
  const child = spawn("true");
  const { place } = thisOwner();
  const ended = { place, pid: child.pid ?? 0, start: "" };
  await once(child, "close");

  expect(isRunning({ ...thisOwner(), start: "" }, now - leftAfterMs + 1, now)).toBe(true);
  expect(isRunning({ ...thisOwner(), start: "" }, now - leftAfterMs, now)).toBe(false);
  expect(isRunning(ended, now, now)).toBe(false);
});

test("goes by the time of the file where the process is of another machine", () => {
  const elsewhere = { ...thisOwner(), place: "000000000000" };

  expect(isRunning(elsewhere, now - leftAfterMs + 1, now)).toBe(true);
  expect(isRunning(elsewhere, now - leftAfterMs, now)).toBe(false);
});

test("finds no owner in other texts", () => {
  expect(["", "x", "0123456789ab-1", "0123456789ab-x-1", "0123456789ag-1-1"].map(parseOwner)).toEqual(
    Array(5).fill(undefined),
  );
});
