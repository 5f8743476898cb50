import { collect } from "@activity-events/testing/collect";
import { expect, test } from "@jest/globals";
import { inOrder } from "../../src/verify/in-order.ts";

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number += 1) yield number;
}

test("yields in order what comes out of order, with no more at once than said", async () => {
  const finish: (() => void)[] = [];
  let [underWay, most] = [0, 0];
  const work = async (number: number) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise<void>((resolve) => {
      finish[number] = resolve;
      // The last of those that are under way comes first.
      if (underWay === 3 || number === 9) for (const one of finish.slice().reverse()) one?.();
    });
    underWay -= 1;
    return number * 10;
  };

  expect(await collect(inOrder(numbers(10), work, 3))).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  expect(most).toBe(3);
});

test("throws a failure when its turn has come", async () => {
  const done: number[] = [];
  const work = async (number: number) => {
    if (number === 2) throw new Error("two");
    return number;
  };
  const reading = async () => {
    for await (const number of inOrder(numbers(5), work, 4)) done.push(number);
  };

  await expect(reading()).rejects.toThrow("two");
  expect(done).toEqual([0, 1]);
});
