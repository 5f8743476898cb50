import { expect, test } from "@jest/globals";
import { isAncestorCall } from "../../src/ancestor/is-ancestor-call.ts";

test.each([
  [[]],
  [["-add", "{}"]],
  [["--deployment=1"]],
  [["-port", "1"]],
  [["-address", "h", "-deployment", "1"]],
  [["--address=h", "--add={}"]],
  [["-address", "h"]],
  [["-x"]],
  [["-help"]],
  [["-h=1"]],
  [["---x"]],
  [["-=3"]],
  [["--=3"]],
  [["-"]],
  [["--"]],
  [["-address", "h", "-x"]],
])("takes %j for the ancestor's face", (args) => {
  expect(isAncestorCall(args)).toBe(true);
});

test.each([
  [["list", "--deployment-id", "x"]],
  [["--address", "h:1", "list"]],
  [["--address=h:1", "--json", "list"]],
  [["--help"]],
  [["-h"]],
  [["-address", "h:1", "-h"]],
  [["--x"]],
  [["foo", "-add", "{}"]],
  [["--version"]],
  [["add", "-add"]],
])("takes %j for a command", (args) => {
  expect(isAncestorCall(args)).toBe(false);
});
