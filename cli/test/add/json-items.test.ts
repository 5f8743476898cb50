import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { readJsonItems } from "../../src/add/json-items.ts";

async function itemsOf(chunks: readonly Uint8Array[]): Promise<unknown[]> {
  const source = async function* () {
    yield* chunks;
  };
  const texts: unknown[] = [];
  for await (const items of readJsonItems(source())) {
    for (const item of items) texts.push(item.kind === "text" ? JSON.parse(item.text) : item.problem);
  }
  return texts;
}

test("finds the same items however the input is written and wherever its chunks end", async () => {
  const object = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
  const pages = fc.array(fc.oneof(fc.array(fc.oneof(object, fc.string(), fc.integer())), object), { maxLength: 6 });
  const property = fc.asyncProperty(
    pages,
    fc.constantFrom(undefined, 1),
    fc.constantFrom("", "\n", "\r\n \n"),
    fc.integer({ min: 1, max: 50 }),
    async (values, indent, between, chunkBytes) => {
      const bytes = Buffer.from(values.map((value) => JSON.stringify(value, undefined, indent)).join(between));
      const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, at) =>
        bytes.subarray(at * chunkBytes, (at + 1) * chunkBytes),
      );

      const found = await itemsOf(chunks);

      expect(found).toEqual(JSON.parse(JSON.stringify(values.flat())));
    },
  );
  await fc.assert(property, { numRuns: 300 });
});
