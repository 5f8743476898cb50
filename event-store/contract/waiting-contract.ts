import { expect, test } from "@jest/globals";
import { AppendSeries, limits } from "../src/index.ts";
import { append, deploymentId, newEvent, newEvents, readSequences } from "./builders.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

const contentBytes = 128 * 1_024;

/** Tests a store whose appends wait for a commit. */
export function waitingContract(underTest: StoreUnderTest): void {
  const content = new Uint8Array(contentBytes);
  // All are too late, so none of them is written.
  const appendLate = (series?: AppendSeries) =>
    underTest.store.append(
      { deploymentId: deploymentId("d"), events: [newEvent({ content })], expected: { kind: "any" }, receiveTimeUs: 1 },
      { deadlineMs: Date.now() - 1, ...(series === undefined ? {} : { series }) },
    );
  const fit = limits.waitingBytesMax / contentBytes;

  test("refuses appends beyond the bytes that may wait, and takes them when those before are settled", async () => {
    for (let times = 0; times < 2; times += 1) {
      const answers = await Promise.allSettled(Array.from({ length: fit + 20 }, () => appendLate()));

      const reasons = answers.map((answer) => answer.status === "rejected" && answer.reason.reason);
      const taken = reasons.indexOf("TOO_MANY_WAITING");
      expect(taken).toBeGreaterThan(fit * 0.95);
      expect(taken).toBeLessThan(fit);
      expect(new Set(reasons.slice(0, taken))).toEqual(new Set(["DEADLINE_PASSED"]));
      expect(new Set(reasons.slice(taken))).toEqual(new Set(["TOO_MANY_WAITING"]));
    }
    await append(underTest.store, "d", newEvents(1));
    expect(await readSequences(underTest.store, "d")).toEqual([1]);
  });

  test("refuses no append of a series for what waits, since that would break it", async () => {
    const series = new AppendSeries();

    const answers = await Promise.allSettled(Array.from({ length: fit + 20 }, () => appendLate(series)));

    const reasons = answers.map((answer) => answer.status === "rejected" && answer.reason.reason);
    expect(new Set(reasons)).toEqual(new Set(["DEADLINE_PASSED"]));
  });
}
