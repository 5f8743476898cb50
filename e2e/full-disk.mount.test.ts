import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Health, HealthCheckResponse_ServingStatus } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { mountSmallDisk, removeDisks } from "@activity-events/testing/small-disk";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, jest, test } from "@jest/globals";
import { EventWriters } from "./event-writers.ts";
import { Follower } from "./follower.ts";
import { readStoredEvents } from "./stored-events.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

const deploymentId = "release-42";
const timesFull = 3;
const mainFile = fileURLToPath(new URL("../run-service/src/main.ts", import.meta.url));

afterEach(async () => {
  disconnectAll();
  await cleanUp();
  removeDisks();
});

test("answers STORE_FULL while the disk is full, reads on, and writes again when there is room", async () => {
  const random = seededRandom("full-disk");
  const disk = await mountSmallDisk(64);
  const service = await startService({ dataDir: disk.folder, launcher: disk.launcher });
  const { address } = service;
  const client = connect(address);
  const writers = new EventWriters({
    address,
    deploymentId,
    writers: 16,
    eventsTotal: 1_000_000,
    messageBytes: 2_000,
  });
  const follower = new Follower(connect(address), { deploymentId });

  const faults: string[] = [];
  const acknowledgedBetween: number[] = [];
  for (let times = 0; times < timesFull; times += 1) {
    const before = writers.acknowledged.size;
    const wanted = before + random.between(200, 1_000);
    await writers.until(() => writers.acknowledged.size >= wanted);
    acknowledgedBetween.push(writers.acknowledged.size - before);
    disk.fillUp();
    const refusedBefore = writers.refused.length;
    await writers.until(() => writers.refused.length >= refusedBefore + 200);

    faults.push(...(await writers.faultsIn(() => readStoredEvents(client, deploymentId))));
    const { deployment } = await call(client, methods.getDeployment, { deploymentId });
    if (Number(deployment?.headSequence) < writers.acknowledged.size) faults.push("the head is behind");
    const health = await call(client, Health.method.check, { service: "" });
    if (health.status !== HealthCheckResponse_ServingStatus.SERVING) faults.push("it is not serving reads");
    disk.makeRoom();
  }
  const before = writers.acknowledged.size;
  await writers.until(() => writers.acknowledged.size >= before + 200);
  writers.stop();
  await writers.done;
  await follower.reach(writers.acknowledged.size);

  process.stderr.write(
    `full-disk: ${writers.refused.length} refusals while it was full ${timesFull} times, ${acknowledgedBetween} and ${writers.acknowledged.size - before} acknowledged in between, ${writers.duplicates} duplicates\n`,
  );
  expect(faults).toEqual([]);
  expect(await writers.faultsIn(() => readStoredEvents(client, deploymentId))).toEqual([]);
  const reasons = new Set(writers.refused.map(({ code, reason, domain }) => `${code} ${reason} ${domain}`));
  expect([...reasons]).toEqual(["RESOURCE_EXHAUSTED STORE_FULL activityevents"]);
  // Nothing was written, as the reason promises: no retry found its event stored.
  expect(writers.duplicates).toBe(0);
  expect(follower.frames.filter((frame) => frame === "goaway")).toEqual([]);
  expect(service.hasExited).toBe(false);

  await service.kill();
  const restarted = await startService({ dataDir: disk.folder, launcher: disk.launcher });
  const stored = await readStoredEvents(connect(restarted.address), deploymentId);
  expect(await writers.faultsIn(async () => stored)).toEqual([]);
  expect(stored).toHaveLength(writers.acknowledged.size);
});

test("a backup on a full disk says so in one sentence, and leaves nothing of itself", async () => {
  const disk = await mountSmallDisk(4);
  const dataDir = temporaryFolder().path;
  const { address } = await startService({ dataDir });
  await call(connect(address), methods.createEvent, { event: { deploymentId, type: "t", message: "kept" } });
  disk.fillUp();

  const run = (...command: readonly string[]) => {
    const [program = "", ...args] = [...disk.launcher, ...command];
    return spawnSync(program, args, { env: { ...process.env, DATA_DIR: dataDir, STORE: "sqlite" }, encoding: "utf8" });
  };
  const backup = run(process.execPath, mainFile, "backup", join(disk.folder, "copy.db"));

  expect([backup.status, backup.stdout]).toEqual([1, ""]);
  expect(backup.stderr).toMatch(/^activity_server: .*events\.db was not copied: the disk of .*copy\.db is full; .*\n$/);
  expect(run("ls", "-A", disk.folder).stdout).toBe("");
});
