import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Lanes } from "../../src/forward/lanes.ts";

const lanesMax = 3;
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("push" as const), id: fc.constantFrom("a", "b", "c", "d", "e") }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("finish" as const), again: fc.boolean() }) },
);

test("each push is worked on after it came, a few at a time, never two of one deployment", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const running = new Map<string, (again: boolean) => void>();
      /** Pushes that no work has begun after. */
      const waiting = new Set<string>();
      const lanes = new Lanes({
        lanesMax,
        work: async (id) => {
          expect(running.has(id)).toBe(false);
          expect(running.size).toBeLessThan(lanesMax);
          waiting.delete(id);
          const { promise, resolve } = Promise.withResolvers<boolean>();
          running.set(id, resolve);
          const again = await promise;
          running.delete(id);
          return again ? { kind: "again", afterMs: 0 } : { kind: "done" };
        },
      });
      const finish = async (again: boolean) => {
        const [first] = running.values();
        first?.(again);
        await turn();
      };
      for (const { kind, ...of } of steps) {
        if (kind === "finish") await finish("again" in of && of.again);
        else if ("id" in of) {
          waiting.add(of.id);
          lanes.push(of.id);
        }
      }
      while (running.size > 0) await finish(false);

      await lanes.settled;
      expect([...waiting]).toEqual([]);
    }),
  );
});

test("what work throws is told, and the others go on", async () => {
  const worked: string[] = [];
  const lanes = new Lanes({
    lanesMax,
    work: async (id) => {
      worked.push(id);
      if (id === "a") throw new Error("no disk");
      return { kind: "done" };
    },
  });

  lanes.push("a");
  lanes.push("b");

  await expect(lanes.failed).rejects.toThrow("no disk");
  await lanes.settled;
  expect(worked).toEqual(["a", "b"]);
});
