import { expect, test } from "@jest/globals";
import { mutantsOf, mutate } from "../mutants.ts";
import { sample } from "../sample.ts";

/** The text with each of its mutants in place. */
const mutated = (text: string) => mutantsOf(text).map((mutant) => mutate(text, mutant));

test("changes operators, conditions, literals and statements, one at a time", () => {
  expect(mutated("const a = b < c;")).toEqual(["const a = b <= c;"]);
  expect(mutated("if (a) b();")).toEqual(["if (true) b();", "if (false) b();", "if (a) ;"]);
  expect(mutated("const a = b ? c : d;")).toEqual(["const a = !(b) ? c : d;"]);
  expect(mutated("const a = !b;")).toEqual(["const a = b;"]);
  expect(mutated("const a = [true, 7];")).toEqual(["const a = [false, 7];", "const a = [true, (7 + 1)];"]);
});

test("leaves types, imports, log lines and the joining of texts alone", () => {
  expect(mutated('import a from "a";\ninterface B { c: 1 | true }\nconst d: 5 = e;')).toEqual([]);
  expect(mutated('log.info({ a: 1 }, "b");\nconst c = "d" + e;')).toEqual([]);
});

test("the same seed takes the same sample, in order; another seed another one", () => {
  const items = Array.from({ length: 1_000 }, (_, index) => index);

  const taken = sample(items, 50, 7);

  expect(taken).toHaveLength(50);
  expect([...taken].sort((a, b) => a - b)).toEqual(taken);
  expect(sample(items, 50, 7)).toEqual(taken);
  expect(sample(items, 50, 8)).not.toEqual(taken);
});
