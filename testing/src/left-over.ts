import { afterAll } from "@jest/globals";

/**
 * Running processes that are not disposed of yet. Starters add to it, and disposal removes. A test ended by its time
 * limit never reaches its own disposal.
 */
export const leftOver = new Set<AsyncDisposable>();

afterAll(async () => {
  for (const resource of leftOver) await resource[Symbol.asyncDispose]();
});
