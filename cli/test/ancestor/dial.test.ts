import { expect, test } from "@jest/globals";
import { dial } from "../../src/ancestor/dial.ts";

test.each([
  ["127.0.0.1", 50_051n, "127.0.0.1:50051"],
  ["", 1n, "localhost:1"],
  ["[::1]", 1n, "[::1]:1"],
  ["::1", 1n, "[::1]:1"],
  ["a.example", 65_535n, "a.example:65535"],
  ["dns:///a.example", 1n, "dns:///a.example:1"],
])("dials %j and %s as %s", (address, port, target) => {
  expect(dial({ address, port })).toEqual({ kind: "target", target });
});

// Each problem was told by the ancestor.
test.each([
  ["127.0.0.1", 70_000n, "dial tcp: address 70000: invalid port"],
  ["127.0.0.1", -1n, "dial tcp: address -1: invalid port"],
  ["127.0.0.1:1", 2n, "dial tcp: address 127.0.0.1:1:2: too many colons in address"],
  ["http://x", 2n, "dial tcp: address http://x:2: too many colons in address"],
  ["[::1", 2n, "dial tcp: address [::1:2: missing ']' in address"],
  ["[::1]x", 2n, "dial tcp: address [::1]x:2: missing port in address"],
  ["[::1]:1", 2n, "dial tcp: address [::1]:1:2: too many colons in address"],
  ["a[b", 2n, "dial tcp: address a[b:2: unexpected '[' in address"],
  ["a]b", 2n, "dial tcp: address a]b:2: unexpected ']' in address"],
])("says what Go says of %j and %s", (address, port, problem) => {
  expect(dial({ address, port })).toEqual({ kind: "undialable", problem });
});
