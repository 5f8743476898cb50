import { expect, test } from "@jest/globals";
import { deploymentId } from "../contract/builders.ts";
import { CachedHeads } from "../src/cached-heads.ts";
import { AppendSeries, limits } from "../src/index.ts";

test("as many heads are kept as the limit says, those that were written last", () => {
  const heads = new CachedHeads<number>();
  const id = (n: number) => deploymentId(`d${n}`);
  for (let n = 0; n < limits.cachedHeadsMax; n += 1) heads.set(id(n), n);

  heads.set(id(0), -1);
  heads.set(id(limits.cachedHeadsMax), 0);

  expect(heads.get(id(1))).toBeUndefined();
  expect(heads.get(id(0))).toBe(-1);
  expect(heads.get(id(2))).toBe(2);
  expect(heads.get(id(limits.cachedHeadsMax))).toBe(0);
});

test("a series is withdrawn with the first fault that it met in a deployment", () => {
  const series = new AppendSeries();
  const [first, second] = [new Error("first"), new Error("second")];

  series.break(deploymentId("d"), first);
  series.break(deploymentId("d"), second);

  expect(series.faultIn(deploymentId("d"))).toBe(first);
  expect(series.faultIn(deploymentId("e"))).toBeUndefined();
  expect(new AppendSeries().number).not.toBe(series.number);
});
