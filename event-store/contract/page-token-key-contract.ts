import { expect, test } from "@jest/globals";
import type { StoreUnderTest } from "./store-under-test.ts";

/** Tests of the key for page tokens. */
export function pageTokenKeyContract(underTest: StoreUnderTest): void {
  test("the key for page tokens is 32 bytes, and the same for ever in a store that lasts", async () => {
    const [first, second] = await Promise.all([underTest.store.pageTokenKey(), underTest.store.pageTokenKey()]);
    const isDurable = underTest.store.traits.durable;

    const reopened = await underTest.reopen();

    expect(first).toHaveLength(32);
    expect(Buffer.from(second)).toEqual(Buffer.from(first));
    expect(Buffer.from(await reopened.pageTokenKey()).equals(Buffer.from(first))).toBe(isDurable);
    expect(new Set(first).size).toBeGreaterThan(8);
  });
}
