import { expect, test } from "@jest/globals";
import { fitContent, fitEvent } from "../src/fit/fit-event.ts";
import { parsePayload } from "../src/index.ts";

const ids = { deployment: ["d"], event: ["e"], type: "deployment.started" };

test.each([
  ["https://ci.example.com/runs/81?step=2&x=a b", "https://ci.example.com/runs/81?step=2&x=a%20b"],
  ["https://example.com/größer", "https://example.com/gr%C3%B6%C3%9Fer"],
  ["https://example.com/100%/%41%zz", "https://example.com/100%25/%41%25zz"],
  ["https://example.com/\ud800", "https://example.com/%EF%BF%BD"],
  ["a\n<b>", "a%0A%3Cb%3E"],
])("encodes what the address %j cannot hold", (url, expected) => {
  expect(fitEvent({ ...ids, url }).url).toBe(expected);
});

test("leaves out an address that is too long, also by its encoding", () => {
  expect(fitEvent({ ...ids, url: `https://e.example/${"x".repeat(1_020)}` })).not.toHaveProperty("url");
  expect(fitEvent({ ...ids, url: `https://e.example/${"é".repeat(200)}` })).not.toHaveProperty("url");
});

test("cuts texts to whole characters", () => {
  const { revision, message } = fitContent({
    type: "t",
    revision: `${"é".repeat(127)}x😀`,
    message: "é".repeat(40_000),
  });

  expect(revision).toBe(`${"é".repeat(127)}x`);
  expect(message).toBe("é".repeat(32_768));
});

test("replaces halves of surrogate pairs, keeps emoji and controls, and leaves out what is empty", () => {
  const content = fitContent({
    type: "t",
    message: "a\ud83d\u0000😀",
    actor: "",
    labels: { "k\udc00": "v\ud800", none: "" },
  });

  expect(content).toEqual({ type: "t", message: "a\ufffd\u0000😀", labels: { "k\ufffd": "v\ufffd" } });
});

test("keeps the first 32 labels by name, with names of at most 256 bytes and values of at most 1,024", () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${String(39 - at).padStart(2, "0")}`, "v"]));
  const odd = { [`a${"x".repeat(256)}`]: "v", a: "v".repeat(2_000), ["__proto__"]: "v" };

  const { labels } = fitContent({ type: "t", labels: { ...many, ...odd } });

  expect(Object.keys(labels)).toEqual([
    "a",
    ...Array.from({ length: 31 }, (_, at) => `k${String(at).padStart(2, "0")}`),
  ]);
  expect(labels.a).toHaveLength(1_024);
});

test("keeps the digits of numbers, and makes data what the service takes", () => {
  const data = parsePayload(
    '{"big": 9007199254740993, "zero": -0, "huge": 1e400, "half": "\\ud800", "__proto__": {"a": 1}, "n": [1.5, null]}',
  );

  expect(fitContent({ type: "t", data }).data).toEqual({
    big: "9007199254740993",
    zero: 0,
    huge: "Infinity",
    half: "\ufffd",
    n: [1.5, null],
  });
});

test.each([
  ["what is no object", '"text"'],
  ["a list", "[1]"],
  ["an empty object", "{}"],
  ["more than 20 levels", `${'{"a":'.repeat(21)}1${"}".repeat(21)}`],
  ["more than 64 KiB", JSON.stringify({ a: "x".repeat(65_536) })],
])("leaves out data that is %s", (_, text) => {
  expect(fitContent({ type: "t", data: parsePayload(text) })).not.toHaveProperty("data");
});

test("leaves out data for which a long message leaves no room", () => {
  const data = { a: "x".repeat(40_000) };

  expect(fitContent({ type: "t", data })).toHaveProperty("data");
  expect(fitContent({ type: "t", data, message: "m".repeat(60_000) })).not.toHaveProperty("data");
});
