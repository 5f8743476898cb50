import { connect, disconnectAll } from "@activity-events/testing/contract-client";
import { cleanUp, launchService, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, jest, test } from "@jest/globals";
import { EventWriters } from "./event-writers.ts";
import { readStoredEvents } from "./stored-events.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

const deploymentId = "release-42";

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test("keeps what is recorded with several services apart, though they are written at the same time and one is killed", async () => {
  const homes = Array.from({ length: 4 }, () => temporaryFolder().path);
  const services = await Promise.all(homes.map((dataDir) => startService({ dataDir })));
  const writersOf = services.map(
    // Each with as many events as none of the others.
    ({ address }, index) => new EventWriters({ address, deploymentId, writers: 8, eventsTotal: 500 + index }),
  );
  const [killed, ...others] = services;
  const [writersOfKilled, ...writersOfOthers] = writersOf;

  await writersOfKilled?.until(() => writersOfKilled.acknowledged.size >= 100);
  await killed?.kill();
  await Promise.all(writersOfOthers.map(({ done }) => done));

  for (const [index, writers] of writersOfOthers.entries()) {
    const stored = await readStoredEvents(connect(`${others[index]?.address}`), deploymentId);
    expect(stored).toHaveLength(501 + index);
    expect(await writers.faultsIn(async () => stored)).toEqual([]);
    expect(writers.refused).toEqual([]);
  }
  writersOfKilled?.stop();
  const restarted = await startService({ dataDir: `${homes[0]}` });
  const faults = await writersOfKilled?.faultsIn(() => readStoredEvents(connect(restarted.address), deploymentId));
  expect(faults).toEqual([]);
});

test("refuses a folder that another service holds, in one line, and leaves that one alone", async () => {
  const dataDir = temporaryFolder().path;
  const first = await startService({ dataDir });
  const writers = new EventWriters({ address: first.address, deploymentId, writers: 8, eventsTotal: 500 });

  const second = launchService({ dataDir });
  const exit = await second.exited;
  await writers.done;

  expect(exit).toEqual({ code: 1, signal: null });
  expect(second.said().trim()).toBe(
    `activity_server: another process holds ${dataDir}/events.db; stop it, or set another DATA_DIR`,
  );
  expect(writers.refused).toEqual([]);
  expect(await writers.faultsIn(() => readStoredEvents(connect(first.address), deploymentId))).toEqual([]);
});
