import { join } from "node:path";
import { Health, HealthCheckResponse_ServingStatus } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { afterEach, expect, jest, test } from "@jest/globals";
import { EventWriters } from "./event-writers.ts";
import { Follower } from "./follower.ts";
import { folderForImmutableFiles, removeFoldersOfImmutableFiles, setImmutable } from "./immutable-files.ts";
import { readStoredEvents } from "./stored-events.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

const deploymentId = "release-42";
const timesReadOnly = 3;

afterEach(async () => {
  disconnectAll();
  await cleanUp();
  removeFoldersOfImmutableFiles();
});

test("refuses appends while its files are read-only, reads on, and writes again when they are not", async () => {
  const dataDir = folderForImmutableFiles();
  const random = seededRandom("read-only-file");
  const service = await startService({ dataDir });
  const { address } = service;
  const client = connect(address);
  const writers = new EventWriters({ address, deploymentId, writers: 16, eventsTotal: 1_000_000 });
  const follower = new Follower(connect(address), { deploymentId });
  // Not events.db-shm, which is memory that SQLite shares through a file: a write to it that fails ends any process (SIGBUS).
  const files = ["events.db", "events.db-wal"].map((name) => join(dataDir, name));

  const faults: string[] = [];
  for (let times = 0; times < timesReadOnly; times += 1) {
    const wanted = writers.acknowledged.size + random.between(200, 1_000);
    await writers.until(() => writers.acknowledged.size >= wanted);
    await follower.reach(1);
    setImmutable(files, true);
    const refusedBefore = writers.refused.length;
    await writers.until(() => writers.refused.length >= refusedBefore + 200);

    faults.push(...(await writers.faultsIn(() => readStoredEvents(client, deploymentId))));
    const health = await call(client, Health.method.check, { service: "" });
    if (health.status !== HealthCheckResponse_ServingStatus.SERVING) faults.push("it is not serving reads");
    setImmutable(files, false);
  }
  const before = writers.acknowledged.size;
  await writers.until(() => writers.acknowledged.size >= before + 200);
  writers.stop();
  await writers.done;
  const { deployment } = await call(client, methods.getDeployment, { deploymentId });
  await follower.reach(Number(deployment?.headSequence));

  const stored = await readStoredEvents(client, deploymentId);
  faults.push(...(await writers.faultsIn(async () => stored)));
  const reasons = new Set(writers.refused.map(({ code, reason, domain }) => `${code} ${reason} ${domain}`));
  process.stderr.write(
    `read-only-file: ${writers.refused.length} refusals while it was read-only ${timesReadOnly} times, ${[...reasons]}; ${writers.acknowledged.size} acknowledged, ${writers.duplicates} of them had been stored\n`,
  );
  expect(faults).toEqual([]);
  expect(stored).toHaveLength(writers.acknowledged.size);
  expect(reasons).toContain("UNAVAILABLE STORE_READ_ONLY activityevents");
  reasons.delete("UNAVAILABLE STORE_READ_ONLY activityevents");
  reasons.delete("UNAVAILABLE STORE_IO_ERROR activityevents");
  expect(reasons).toEqual(new Set());
  expect(writers.refused.filter(({ retryDelayMs }) => retryDelayMs === undefined)).toEqual([]);
  expect(service.hasExited).toBe(false);
});
