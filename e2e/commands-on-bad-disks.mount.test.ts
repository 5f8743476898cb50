import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { mountSmallDisk, removeDisks, type SmallDisk } from "@activity-events/testing/small-disk";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, jest, test } from "@jest/globals";

jest.setTimeout(120_000);

afterEach(removeDisks);

type Place = Pick<SmallDisk, "folder" | "launcher">;

/** Runs the service's program, to its end, on a store. */
async function run({ folder, launcher }: Place, ...args: readonly string[]) {
  const environment = { STORE: "sqlite", DATA_DIR: folder };
  await using program = new ServiceProcess({ arguments: args, environment, launcher });
  const { code } = await program.ended;
  return { code, output: program.output.join("\n"), errors: program.errors };
}

/** Starts a service on a store, and stops it in order. */
async function startAndStop({ folder, launcher }: Place): Promise<void> {
  await using service = new ServiceProcess({ environment: { STORE: "sqlite", DATA_DIR: folder }, launcher });
  await service.line(({ message }) => message === "listening");
  service.kill("SIGTERM");
  await service.ended;
}

/** Has the disk be read-only from now on. */
function remountReadOnly({ folder, launcher }: Place): void {
  const [command = "", ...args] = [...launcher, "mount", "-o", "remount,ro", dirname(folder)];
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

const isFull = /events\.db cannot be opened: the disk of .* is full; make room on it, and start again\n$/;

// Too few for the file, and for the index of its log behind it.
test.each([8, 44, 60])(
  "a first start with %i KiB left says that the disk is full; with room the next one serves",
  async (left) => {
    const disk = await mountSmallDisk(1);
    disk.fillUp();
    disk.makeRoom(left);

    const first = await run(disk);
    const again = await run(disk);
    disk.makeRoom();
    await startAndStop(disk);

    for (const { code, errors } of [first, again]) expect([code, errors]).toEqual([1, expect.stringMatching(isFull)]);
    expect(await run(disk, "check")).toMatchObject({ code: 0, output: "sound: 0 deployments, 0 events" });
  },
);

test("a restore onto a full disk blames the disk, leaves nothing behind, and works when there is room", async () => {
  using folder = temporaryFolder();
  const store = { folder: folder.path, launcher: [] };
  const copy = join(folder.path, "copy.db");
  await startAndStop(store);
  await run(store, "backup", copy);
  const disk = await mountSmallDisk(1);
  disk.fillUp();
  disk.makeRoom(16);

  const refused = await run(disk, "restore", copy);
  disk.makeRoom();
  const restored = await run(disk, "restore", copy);

  expect(refused.code).toBe(1);
  expect(refused.errors).toMatch(/^activity_server: nothing was restored: .*events\.db cannot be opened: the disk of /);
  expect(refused.errors).not.toContain(copy);
  expect(restored).toMatchObject({ code: 0, errors: "" });
});

test("a backup from a read-only disk works, and a check; a start there says that it may only be read", async () => {
  using folder = temporaryFolder();
  const copy = join(folder.path, "copy.db");
  const disk = await mountSmallDisk(1);
  await startAndStop(disk);
  remountReadOnly(disk);

  const copied = await run(disk, "backup", copy);
  const checked = await run(disk, "check");
  const started = await run(disk);

  expect(copied).toMatchObject({ code: 0, errors: "" });
  expect(existsSync(copy)).toBe(true);
  expect(checked).toMatchObject({ code: 0, errors: "" });
  expect(started.code).toBe(1);
  expect(started.errors).toMatch(/may only be read; let this program write there, or set DATA_DIR\n$/);
});
