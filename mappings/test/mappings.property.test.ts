import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { MappingError } from "../src/index.ts";
import { mutated } from "./mutations.ts";
import { type Sample, samples } from "./payloads.ts";

const identifier = /^[A-Za-z0-9-][A-Za-z0-9._~:-]{0,127}$/;
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
process.stderr.write(`mappings: SEED=${seed}\n`);

function outcomeOf({ map }: Sample, text: string): unknown {
  try {
    return map(text);
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    return { field: error.field, message: error.message };
  }
}

test.each(samples.map((sample) => [sample.name, sample] as const))("%s is mapped", (_, sample) => {
  expect(outcomeOf(sample, JSON.stringify(sample.payload))).toEqual([
    expect.objectContaining({ kind: expect.any(String) }),
  ]);
});

test.each(samples.map((sample) => [sample.name, sample] as const))(
  "no change of %s makes a mapping throw anything but its own error, and a repetition says the same",
  (_, sample) => {
    const property = fc.property(mutated(sample.payload), (text) => {
      const outcome = outcomeOf(sample, text);

      expect(outcomeOf(sample, text)).toEqual(outcome);
      for (const mapping of Array.isArray(outcome) ? outcome : []) {
        for (const { deploymentId, eventId } of mapping.events ?? []) {
          expect(deploymentId).toMatch(identifier);
          expect(eventId).toMatch(identifier);
        }
      }
    });
    fc.assert(property, { seed, numRuns: 60 });
  },
);

test("no JSON, and no text, makes a mapping throw anything but its own error", () => {
  const property = fc.property(fc.oneof(fc.json({ maxDepth: 6 }), fc.string()), (text) => {
    for (const sample of samples) outcomeOf(sample, text);
  });
  fc.assert(property, { seed, numRuns: 300 });
});
