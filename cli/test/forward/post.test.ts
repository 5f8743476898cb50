import { afterEach, expect, test } from "@jest/globals";
import { post } from "../../src/forward/targets/post.ts";
import { deadUrl, type Receiver, startReceiver } from "../e2e/receiver.ts";

const signal = new AbortController().signal;
const open: Receiver[] = [];
const postTo = (url: string) => post({ url: new URL(url), body: "{}", signal });

afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver[Symbol.asyncDispose]();
});

test("takes each status of 2xx for an answer, and says of others whether they are about the event", async () => {
  let status = 200;
  const receiver = await startReceiver(() => ({ status, body: "why\u001b[2J\u0000" }));
  open.push(receiver);

  for (status of [200, 201, 202]) await postTo(receiver.url);
  for (status of [400, 413, 422]) {
    await expect(postTo(receiver.url)).rejects.toMatchObject({ kind: "refused", retryDelayMs: undefined });
  }
  for (status of [301, 304, 401, 403, 404, 408, 429, 500, 503]) {
    await expect(postTo(receiver.url)).rejects.toMatchObject({ kind: "passing" });
  }
  status = 500;
  await expect(postTo(receiver.url)).rejects.toThrow(/^it answered 500: why\\x1b\[2J\\x00$/);
});

test("follows no redirect", async () => {
  const other = await startReceiver();
  const receiver = await startReceiver(() => ({ status: 307, headers: { location: other.url } }));
  open.push(other, receiver);

  await expect(postTo(receiver.url)).rejects.toThrow("it answered 307");
  expect(other.received).toEqual([]);
});

test("takes the delay that the target asks for, in seconds or as a date, but no longer than a quarter of an hour", async () => {
  let retryAfter = "";
  const receiver = await startReceiver(() => ({ status: 429, headers: { "retry-after": retryAfter } }));
  open.push(receiver);
  const delayFor = async (value: string) => {
    retryAfter = value;
    return (await postTo(receiver.url).catch((error) => error)).retryDelayMs;
  };

  expect(await delayFor("7")).toBe(7_000);
  expect(await delayFor("86400")).toBe(900_000);
  expect(await delayFor(new Date(Date.now() + 60_000).toUTCString())).toBeGreaterThan(50_000);
  for (const none of ["0", "-1", "soon", new Date(0).toUTCString()]) expect(await delayFor(none)).toBeUndefined();
});

test("reads the beginning of an answer that does not end", async () => {
  const receiver = await startReceiver(() => ({ status: 500, body: "x".repeat(50_000_000) }));
  open.push(receiver);

  await expect(postTo(receiver.url)).rejects.toThrow(/^it answered 500: x{300}$/);
});

test("says what is wrong with a connection", async () => {
  await expect(postTo(await deadUrl())).rejects.toMatchObject({
    kind: "passing",
    message: expect.stringContaining("connect ECONNREFUSED"),
  });
});
