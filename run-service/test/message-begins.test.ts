import { expect, test } from "@jest/globals";
import { keptBytes, MessageBegins } from "../src/grpc/server/message-begins.ts";

function framed(length: number, flag = 0): Buffer {
  const frame = Buffer.alloc(5 + length, 0xff);
  frame.writeUInt8(flag, 0);
  frame.writeUInt32BE(length, 1);
  return frame;
}

const bytes = Buffer.concat([framed(3), framed(0), framed(300, 1), framed(1)]);
const lengths = [3, 0, 300, 1];

test.each([1, 2, 3, 4, 5, 6, 7, 100, bytes.length])("finds each message once in pieces of %i bytes", (size) => {
  const begins = new MessageBegins();
  const found: [number, boolean][] = [];

  for (let at = 0; at < bytes.length; at += size) {
    begins.take(bytes.subarray(at, at + size), (length, flag) => found.push([length, flag === 1]));
    const isLast = at + size >= bytes.length;
    if (isLast) expect(begins.isWithin).toBe(false);
  }

  expect(found).toEqual(lengths.map((length) => [length, length === 300]));
});

test("knows whether a message is here to its end, and when it is within one or before it", () => {
  const begins = new MessageBegins();
  const wholes: boolean[] = [];
  const take = (chunk: Buffer) => begins.take(chunk, (_length, _flag, isWhole) => wholes.push(isWhole));

  take(Buffer.concat([framed(3), framed(10).subarray(0, 14)]));
  const isWithinMessage = begins.isWithin;
  take(Buffer.concat([framed(10).subarray(14), Buffer.from([0])]));
  const isWithinPrefix = begins.isWithin;

  expect(wholes).toEqual([true, false]);
  expect([isWithinMessage, isWithinPrefix]).toEqual([true, true]);
});

test("a small piece counts as all of the memory that it keeps", () => {
  const read = Buffer.from(new ArrayBuffer(65_536));

  expect(keptBytes(read.subarray(0, 10))).toBe(65_536);
  expect(keptBytes(read.subarray(0, 16_384))).toBe(16_384);
});
