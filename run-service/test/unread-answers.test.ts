import { limits } from "@activity-events/event-store";
import { expect, test } from "@jest/globals";
import { UnreadAnswers } from "../src/grpc/unread-answers.ts";

const MiB = 1024 * 1024;
const tooMany = expect.objectContaining({ reason: "TOO_MANY_UNREAD", retryDelayMs: 1_000 });

test("refuses a connection more answers than it may leave unread, until it has read some", () => {
  const unread = new UnreadAnswers();
  const count = limits.unreadAnswerBytesMax / (2 * MiB);
  for (let answer = 0; answer < count; answer += 1) unread.hold("a", 2 * MiB);

  expect(() => unread.hold("a", 1)).toThrow(tooMany);
  expect(() => unread.hold("b", 2 * MiB)).not.toThrow();
  unread.release("a", 2 * MiB);
  expect(() => unread.hold("a", 2 * MiB)).not.toThrow();
});

test("refuses large answers to all when all together leave too much unread, and small ones to none of the others", () => {
  const unread = new UnreadAnswers();
  const connections = limits.unreadAnswerBytesTotalMax / (16 * MiB);
  for (let peer = 0; peer < connections; peer += 1) unread.hold(`${peer}`, 16 * MiB);

  expect(() => unread.hold("another", limits.smallAnswerBytesMax + 1)).toThrow(tooMany);
  expect(() => unread.hold("another", limits.smallAnswerBytesMax)).not.toThrow();
});

test("always has room for one answer of a connection that has read all", () => {
  const unread = new UnreadAnswers();

  expect(() => unread.hold("a", limits.unreadAnswerBytesMax + 1)).not.toThrow();
});
