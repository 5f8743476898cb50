import { expect, test } from "@jest/globals";
import type { Context } from "../../src/contexts/context.ts";
import { contextsText, parseContexts } from "../../src/contexts/parse-contexts.ts";

test("reads what it writes, in the order of the names", () => {
  const byName = new Map<string, Context>([
    ["prod", { runService: "s", region: "r", project: "p", caFile: "/ca.pem" }],
    ["local.2", { address: "[::1]:50051", tls: true, audience: "https://service" }],
  ]);

  const text = contextsText({ inUse: "prod", byName });

  expect(parseContexts(text)).toEqual({ inUse: "prod", byName });
  expect(text.indexOf("local.2")).toBeLessThan(text.indexOf('"prod": {'));
  expect(parseContexts("{}")).toEqual({ inUse: undefined, byName: new Map() });
});

test.each([
  ['{"contexts": {\n  "prod": {"address": "localhost:1",}}}', "line 2, column 37: "],
  ['{"contexts": {', "line 1, column 15: "],
  ["[]", "the value: expected an object"],
  ['{"contexts": null}', "contexts: expected an object"],
  ['{"contexts": {"prod": {"address": "localhost"}}}', "contexts.prod.address: Expected HOST:PORT"],
  ['{"contexts": {"prod": {"adress": "localhost:1"}}}', 'contexts.prod: key "adress" is unknown'],
  ['{"contexts": {"prod": {}}}', "contexts.prod: expected address or runService"],
  ['{"contexts": {"prod": {"runService": "s", "region": "r"}}}', "contexts.prod.project: expected a text"],
  ['{"contexts": {"prod": {"address": "localhost:1", "tls": "yes"}}}', "contexts.prod.tls: expected true or false"],
  ['{"contexts": {"a b": {"address": "localhost:1"}}}', 'contexts["a b"]: Expected up to 64 letters'],
  ['{"inUse": "x", "contexts": {}}', "inUse: there is no context x"],
  ['{"contexts": {"a": {"address": "h:1"}, "a": {"address": "h:2"}}}', "contexts.a: duplicate key"],
  ['{"contexts": {"prod": "localhost:1"}}', "contexts.prod: expected an object"],
  ['{"contexts": {"prod": {"address": ""}}}', "contexts.prod.address: expected a text"],
  ['{"inuse": "prod"}', 'the value: key "inuse" is unknown'],
  ['{"contexts": {"prod": {"address": "h:1", "caFile": "ca.pem"}}}', "contexts.prod.caFile: expected an absolute path"],
  ["rubbish", "invalid JSON: Unexpected token"],
])("refuses %s with the place", (text, place) => {
  expect(() => parseContexts(text)).toThrow(place);
});
