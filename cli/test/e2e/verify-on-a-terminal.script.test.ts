import { ActivityEventsClient } from "@activity-events/client";
import { collect } from "@activity-events/testing/collect";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { onTerminal } from "@activity-events/testing/terminal";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

test("verify shows on a terminal how far it is, and the numbers at the end", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path, environment: { STORE: "memory" } });
  const client = new ActivityEventsClient({ address, tls: false });
  const events = Array.from({ length: 30_000 }, (_, index) => ({ deploymentId: `d${index % 100}`, message: "m" }));
  await collect(client.ingestEvents(events, { timeoutMs: 60_000 }));
  client.close();
  const launcher = (command: readonly string[]) => onTerminal(command.join(" "));

  const { exitCode, output } = await runClient({ args: ["verify"], address, launcher });

  expect(exitCode).toBe(0);
  const shown = output.split("\r\x1b[K");
  expect(shown.at(1)).toMatch(/^[\d,]+ deployments? with [\d,]+ events? verified$/);
  expect(shown.at(-1)).toBe(
    "100 deployments with 30,000 events verified: no faults; deleted ones were not looked at\r\n",
  );
});
