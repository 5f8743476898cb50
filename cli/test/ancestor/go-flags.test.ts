import { expect, test } from "@jest/globals";
import { type AncestorFlags, parseGoFlags } from "../../src/ancestor/go-flags.ts";

const defaults: AncestorFlags = { add: "", address: "127.0.0.1", deployment: 0, port: 50_051n };

test.each<[string[], Partial<AncestorFlags>]>([
  [[], {}],
  [["-deployment", "7"], { deployment: 7 }],
  [["--deployment=7", "--port", "5000"], { deployment: 7, port: 5_000n }],
  [["-add", "-x", "-address=h=1"], { add: "-x", address: "h=1" }],
  [["-add={\n}"], { add: "{\n}" }],
  [["-add", "1", "-add", "2"], { add: "2" }],
  [["-deployment", "-3"], { deployment: -3 }],
  [["-deployment", "0x10", "-port", "010"], { deployment: 16, port: 8n }],
  [["-deployment", "1_000"], { deployment: 1_000 }],
  [["-port", "9223372036854775807"], { port: 9_223_372_036_854_775_807n }],
  [["-port", "1", "rest", "-port", "2"], { port: 1n }],
  [["-port", "1", "--", "-port", "2"], { port: 1n }],
  [["-port", "1", "-", "-port", "2"], { port: 1n }],
])("reads %j as Go's flag package does", (args, flags) => {
  const parsed = parseGoFlags(args);

  expect(parsed).toEqual({ kind: "flags", flags: { ...defaults, ...flags } });
});

test.each([
  [["-x"], "flag provided but not defined: -x"],
  [["-add"], "flag needs an argument: -add"],
  [["---x"], "bad flag syntax: ---x"],
  [["-=3"], "bad flag syntax: -=3"],
  [["-port=x"], 'invalid value "x" for flag -port: parse error'],
  [["-port", "1.5"], 'invalid value "1.5" for flag -port: parse error'],
  [["-deployment="], 'invalid value "" for flag -deployment: parse error'],
  [["-deployment=08"], 'invalid value "08" for flag -deployment: parse error'],
  [["-deployment", "_1"], 'invalid value "_1" for flag -deployment: parse error'],
  [["-port", "9223372036854775808"], 'invalid value "9223372036854775808" for flag -port: value out of range'],
  [["-port", "\x1b\u2028ü"], String.raw`invalid value "\x1b\u2028ü" for flag -port: parse error`],
  // The ancestor cuts it down to another deployment's id.
  [["-deployment", "2147483648"], 'invalid value "2147483648" for flag -deployment: value out of range'],
])("refuses %j in Go's words", (args, problem) => {
  const parsed = parseGoFlags(args);

  expect(parsed).toEqual({ kind: "wrong", problem });
});

test.each(["-h", "-help", "--help"])("takes %s for the wish for help", (flag) => {
  expect(parseGoFlags([flag])).toEqual({ kind: "help" });
});
