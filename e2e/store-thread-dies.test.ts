import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";

afterEach(cleanUp);

// Run in the service before all else: ends the store's threads when the signal comes, as a fault of theirs would.
const endThreadsOnSignal = `data:text/javascript,${encodeURIComponent(`
  const threads = [];
  process.on("worker", (thread) => threads.push(thread));
  process.on("SIGUSR2", () => threads[Number(process.env.THREAD)]?.terminate());
`)}`;

test.each([
  ["appends", "0"],
  ["reads", "1"],
])("the process ends with code 1, and says why, when the thread that %s dies", async (_, thread) => {
  const service = await startService({
    dataDir: temporaryFolder().path,
    environment: { NODE_OPTIONS: `--import ${endThreadsOnSignal}`, THREAD: thread },
  });

  service.signal("SIGUSR2");

  expect(await service.exited).toEqual({ code: 1, signal: null });
  expect(service.log).toContainEqual(expect.objectContaining({ severity: "CRITICAL", code: "STORE_DIED" }));
});
