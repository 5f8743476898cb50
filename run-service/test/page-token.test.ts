import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Refusal } from "../src/application/refusal.ts";
import { decodePageToken, encodePageToken } from "../src/grpc/requests/page-token.ts";

describe("a page token", () => {
  test("leads back to the cursor that it was made for", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: "grapheme" }), (scope, cursor) => {
        expect(decodePageToken(scope, encodePageToken(scope, cursor))).toBe(cursor);
      }),
    );
  });

  test("is the same for the same scope and cursor, today and after a restart", () => {
    expect(encodePageToken(["events", "a"], "7")).toBe(encodePageToken(["events", "a"], "7"));
  });

  test("may be put into a URL as it is", () => {
    expect(encodePageToken(["events", "a"], "1700000000000000 release-42")).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  test("is refused in another scope", () => {
    const token = encodePageToken(["events", "a", "ascending"], "7");

    expect(() => decodePageToken(["events", "a", "descending"], token)).toThrow(Refusal);
  });

  test("is refused when any one of its characters is changed, left out or added", () => {
    const scope = ["events", "a"];
    const token = encodePageToken(scope, "12345");
    const changes = [...token].flatMap((character, at) =>
      ["", character === "A" ? "B" : "A", `${character}A`].map((by) => token.slice(0, at) + by + token.slice(at + 1)),
    );

    const accepted = changes.filter((change) => {
      try {
        decodePageToken(scope, change);
        return change !== token;
      } catch {
        return false;
      }
    });

    expect(accepted).toEqual([]);
  });

  test("is refused when it is anything else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(() => decodePageToken(["events", "a"], text)).toThrow(Refusal);
      }),
    );
  });
});
