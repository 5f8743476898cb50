import { join } from "node:path";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { mountSmallDisk, removeDisks } from "@activity-events/testing/small-disk";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { runClient } from "./running-client.ts";

afterEach(async () => {
  removeDisks();
  await cleanUp();
});

const unwritten = "activity_client: standard output cannot be written: ENOSPC: no space left on device, write\n";

test("says of a line that found half of its room on the disk that it is not written", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  await runClient({
    args: ["add", "--deployment-id", "d", "--event-id", "e", "--message", "m".repeat(6_000)],
    address,
  });
  const disk = await mountSmallDisk(1);
  const file = join(disk.folder, "event.json");
  // All but one page of 4 KiB is taken.
  const script = 'cat /dev/zero >"$0.ballast" 2>/dev/null; truncate -s -4096 "$0.ballast"; "$@" >"$0"';
  const launcher = (command: readonly string[]) => [
    ...disk.launcher,
    ...["bash", "--norc", "-c", script, file, ...command],
  ];

  const got = await runClient({
    args: ["get", "--deployment-id", "d", "--event-id", "e", "--json"],
    address,
    launcher,
  });

  expect(got).toEqual({ exitCode: 1, output: "", errors: unwritten });
});
