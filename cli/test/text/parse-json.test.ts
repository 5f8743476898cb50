import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseJson } from "../../src/text/parse-json.ts";

test.each([
  ['{"a":1,"a":2}', "a: duplicate key"],
  ['{"a":{"b":[0,{"c":1,"\\u0063":2}]}}', "a.b[1].c: duplicate key"],
  ['{"id":9007199254740993}', "id: 9007199254740993 would lose precision as a number; write it as a string"],
  ['{"id":[1,-9007199254740993.0]}', "id[1]: -9007199254740993.0 would lose precision"],
  ['{"id":1152921504606846976}', "id: 1152921504606846976 would lose precision"],
  ['{"x":-0}', "x: -0 would lose precision"],
  ['{"x":-0.0e5}', "x: -0.0e5 would lose precision"],
  ['{"x":1e400}', "x: 1e400 would lose precision"],
  ['{"x":1e-400}', "x: 1e-400 would lose precision"],
  ['{"x":0.1234567890123456789}', "x: 0.1234567890123456789 would lose precision"],
  ['"\\ud83d"', "the value: lone surrogate"],
  ['{"a b":"x\\udc4d"}', 'a b"]: lone surrogate'],
  ['{"x\\ud83d":1}', 'x\\ud83d"]: lone surrogate'],
  ["{", "invalid JSON: "],
  ["{'a':1}", "invalid JSON: "],
])("refuses %s and says why", (text, problem) => {
  expect(() => parseJson(text)).toThrow(problem);
});

test.each([
  "9007199254740992",
  "9007199254740994",
  "1e21",
  "1.50",
  "0.30000000000000004",
  "0.10000000000000001",
  "-1.7976931348623157e308",
  "5e-324",
  "0",
  "0.0",
  "123456789012345680000",
])("keeps %s", (text) => {
  expect(parseJson(text)).toBe(Number(text));
});

/** JSON as it may be written: other spellings of numbers, escapes, spaces, keys twice. */
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -400, max: 400 }))
    .map(([m, e]) => `${m}e${e}`),
);
const string = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
  fc
    .array(fc.integer({ min: 0xd700, max: 0xe000 }), { maxLength: 3 })
    .map((units) => `"${units.map((unit) => `\\u${unit.toString(16)}`).join("")}"`),
);
const { json } = fc.letrec<{ json: string; list: string; object: string }>((tie) => ({
  json: fc.oneof({ maxDepth: 3 }, number, string, fc.constantFrom("null", "true"), tie("list"), tie("object")),
  list: fc.array(tie("json"), { maxLength: 3 }).map((items) => `[${items.join(" , ")}]`),
  object: fc
    .array(fc.tuple(fc.oneof(string, fc.constantFrom('"a"', '"b"')), tie("json")), { maxLength: 3 })
    .map((entries) => `{${entries.map(([key, value]) => `${key}: ${value}`).join(",")}}`),
}));

/** The numbers of a JSON text as exact fractions of ten, its strings decoded and its keys counted. */
function tokensOf(text: string): string[] {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\]:]|true|null/g) ?? [];
  return tokens.map((token) => {
    if (token.startsWith('"')) return JSON.stringify(JSON.parse(token));
    const [, sign = "", mantissa = "", , fraction = "", power = "0"] =
      /^(-?)((\d+)(?:\.(\d+))?)(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
    if (mantissa === "") return token;
    const digits = BigInt(mantissa.replace(".", ""));
    if (digits === 0n) return `${sign}0`;
    const [, significant = "", zeros = ""] = /^(\d*?)(0*)$/.exec(`${digits}`) ?? [];
    const exponent = Number(power) - fraction.length + zeros.length;
    // Of a fraction more than one spelling of 17 digits stands for the same double.
    if (exponent < 0 && significant.length <= 17) return `${Number(token)}`;
    return `${sign}${significant}e${exponent}`;
  });
}

test("gives back all that a text says, or refuses it", () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`parse-json: SEED=${seed}\n`);
  let kept = 0;

  fc.assert(
    fc.property(json, (text) => {
      let value: unknown;
      try {
        value = parseJson(text);
      } catch {
        return;
      }
      kept += 1;
      const sorted = (tokens: readonly string[]) => [...tokens].sort();
      // Keys that are numbers come first in an object: the order says nothing.
      expect(sorted(tokensOf(JSON.stringify(value)))).toEqual(sorted(tokensOf(text)));
      expect(JSON.stringify(value).isWellFormed()).toBe(true);
    }),
    { seed, numRuns: 3_000 },
  );
  expect(kept).toBeGreaterThan(300);
});
