import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { onTerminal } from "@activity-events/testing/terminal";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

test("add shows on a terminal how it goes, and the numbers at the end", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const lines = Array.from({ length: 30_000 }, (_, index) =>
    JSON.stringify({ deploymentId: "d", message: `line ${index + 1}` }),
  );
  const file = join(temporaryFolder().path, "lines.jsonl");
  writeFileSync(file, lines.join("\n"));
  // A terminal for the errors alone.
  const launcher = (command: readonly string[]) => onTerminal(`${command.join(" ")} <${file} >/dev/null`);

  const { exitCode, output } = await runClient({ args: ["add"], address, launcher });

  expect(exitCode).toBe(0);
  const shown = output.split("\r\x1b[K");
  expect(shown.at(1)).toMatch(/^[\d,]+ recorded, 0 duplicates, 0 refused \([\d,]+ events\/s\)$/);
  expect(shown.at(-1)).toMatch(/^activity_client: 30,000 recorded, 0 duplicates, 0 refused in [\d.]+ s\.\r\n$/);
});
