import { afterAll } from "@jest/globals";

/**
 * What runs and has not been disposed of yet: whoever starts something adds it here and takes it out when it is
 * disposed of. A test that its time limit ends never gets to its own disposal.
 */
export const leftOver = new Set<AsyncDisposable>();

afterAll(async () => {
  for (const resource of leftOver) await resource[Symbol.asyncDispose]();
});
