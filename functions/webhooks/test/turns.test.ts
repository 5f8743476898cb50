import { expect, test } from "@jest/globals";
import { Turns } from "../src/record/turns.ts";

test("runs so many at once, the others in order, and goes on after a failure", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const runs = ends.map(({ promise }, at) =>
    turns.run(async () => {
      begun.push(at);
      await promise;
      return at;
    }),
  );
  const settled = Promise.allSettled(runs);
  expect(begun).toEqual([0, 1]);

  ends[1]?.reject(new Error("refused"));
  await runs[1]?.catch(() => {});
  ends[0]?.resolve();
  await runs[0];
  expect(begun).toEqual([0, 1, 2, 3]);

  for (const { resolve } of ends) resolve();
  expect((await settled).map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect(await turns.run(async () => "free again")).toBe("free again");
});
