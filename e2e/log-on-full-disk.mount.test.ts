import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, type LogLine, launchService } from "@activity-events/testing/running-service";
import { mountSmallDisk, removeDisks, type SmallDisk } from "@activity-events/testing/small-disk";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { status } from "@grpc/grpc-js";
import { afterEach, expect, jest, test } from "@jest/globals";

jest.setTimeout(120_000);

const mainScript = join(import.meta.dirname, "..", "run-service", "src", "main.ts");

afterEach(async () => {
  disconnectAll();
  await cleanUp();
  removeDisks();
});

function readLog({ launcher: [file = "", ...args], folder }: SmallDisk): string {
  return spawnSync(file, [...args, "cat", `${folder}/log`], { encoding: "utf8" }).stdout;
}

function wholeLines(text: string): LogLine[] {
  return text.split("\n").flatMap((line): LogLine[] => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}

test("every line of the log is written or counted as lost, however often its disk was full", async () => {
  const disk = await mountSmallDisk(1);
  const port = await freePort();
  const service = launchService({
    dataDir: temporaryFolder().path,
    environment: { STORE: "memory" },
    port,
    launcher: disk.launcher,
    command: ["sh", "-c", `exec "$0" "$@" > ${disk.folder}/log`, process.execPath, mainScript],
  });
  const client = connect(`127.0.0.1:${port}`);
  let calls = 0;
  /** A line of the log: the deployment is not there. */
  const ask = async () => {
    const { code } = await call(client, methods.getDeployment, { deploymentId: "unknown" }).catch((error) => error);
    if (code === status.NOT_FOUND) calls += 1;
  };

  while (calls === 0) await ask();
  for (let times = 0; times < 3; times += 1) {
    disk.fillUp();
    for (let n = 0; n < 500; n += 1) await ask();
    disk.makeRoom();
    const lost = () => wholeLines(readLog(disk)).filter(({ code }) => code === "LOG_LINES_LOST");
    while (lost().length <= times) await ask();
  }
  service.child.kill("SIGTERM");
  const exit = await service.exited;

  const lines = wholeLines(readLog(disk));
  const told = lines.filter(({ code }) => code === "LOG_LINES_LOST");
  const lost = told.reduce((sum, line) => sum + Number(line.lost), 0);
  expect(exit).toEqual({ code: 0, signal: null });
  expect(told).toHaveLength(3);
  expect(lines.length - told.length + lost).toBe(calls + ["listening", "draining", "stopped"].length);
  expect(lines.at(-1)).toMatchObject({ message: "stopped" });
  expect(service.said()).toBe("");
});
