import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { idOfParts, partsOfId } from "../../src/events/id-of-parts.ts";

const rule = /^[A-Za-z0-9-][A-Za-z0-9._~:-]{0,127}$/;

test("joins what another system calls the thing", () => {
  expect(idOfParts(["gh", "acme", "shop.js", "run", "77", "1"])).toBe("gh:acme:shop.js:run:77:1");
});

test("encodes what an id may not hold, and what separates its parts", () => {
  expect(idOfParts(["a:b", "~", "é/ü"])).toBe("a~3Ab:~7E:~C3~A9~2F~C3~BC");
  expect(idOfParts([".hidden"])).toBe("-:.hidden");
  expect(idOfParts(["", "a"])).toBe("-::a");
  expect(idOfParts(["-", ".hidden"])).toBe("-:-:.hidden");
});

test("every list of parts makes a valid id, and comes back from it if it fits", () => {
  const part = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.constantFrom("-", ".", "~", ":", ""));
  const parts = fc.array(part, { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(parts, (parts) => {
      fc.pre(parts.length > 1 || parts[0] !== "");
      const id = idOfParts(parts);
      expect(id).toMatch(rule);
      if (!id.includes("~.")) expect(partsOfId(id)).toEqual(parts);
      else expect(partsOfId(id)).toBeUndefined();
    }),
  );
});

test("long ids differ when only their ends do, and no ~XX is cut", () => {
  const long = "é".repeat(200);
  const ids = ["a", "b"].map((end) => idOfParts(["gh", long, end]));
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) {
    expect(id).toMatch(rule);
    expect(id).toMatch(/(~C3~A9)+(~C3)?~[.][0-9a-f]{24}$/);
    expect(partsOfId(id)).toBeUndefined();
  }
});

test("refuses what makes no id", () => {
  expect(() => idOfParts([])).toThrow("an id needs a part that is not empty");
  expect(() => idOfParts([""])).toThrow("an id needs a part that is not empty");
  expect(() => idOfParts(["\ud800"])).toThrow("half of a surrogate pair");
});

test("gives nothing back of an id that it never makes", () => {
  for (const id of ["~C3", "~c3~a9", "~41", "a~", "-:a", ""]) expect(partsOfId(id)).toBeUndefined();
});
