import { cleanUp, startService } from "@activity-events/testing/running-service";
import { mountSmallDisk, removeDisks } from "@activity-events/testing/small-disk";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { runnerAt } from "./recorded-run.ts";

afterEach(async () => {
  removeDisks();
  await cleanUp();
});

test("runs its command on a full disk, sends from memory, and says so", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const disk = await mountSmallDisk(1);
  const { run, listed: events } = runnerAt(address, disk.folder);
  disk.fillUp();

  const ended = await run(["run", "-d", "d", "--", "sh", "-c", "echo deployed; exit 3"], {
    launcher: (command) => [...disk.launcher, ...command],
  });

  expect(ended).toMatchObject({ exitCode: 3, output: "deployed\n" });
  expect(ended.errors).toMatch(
    /^activity_client: warning: events could not be kept on the disk \(.*ENOSPC.*\); they were sent from memory\.\n$/,
  );
  expect(await events("d")).toHaveLength(2);
});

test("keeps what found room when the disk fills up, and says what is lost", async () => {
  const disk = await mountSmallDisk(1);
  const { run } = runnerAt("127.0.0.1:1", disk.folder);
  disk.fillUp();
  disk.makeRoom(64);
  const launcher = (command: readonly string[]) => [...disk.launcher, ...command];

  const ended = await run(["run", "-d", "d", "--record-output", "--", "seq", "450"], { launcher });
  const flushed = await run(["flush"], { launcher });

  expect(ended.exitCode).toBe(0);
  const [, kept, lost] = /(\d+) events are not sent yet.* (\d+) events are lost/s.exec(ended.errors) ?? [];
  expect(Number(kept) + Number(lost)).toBe(452);
  expect(flushed).toMatchObject({ exitCode: 5, output: "" });
});
