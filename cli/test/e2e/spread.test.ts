import { ActivityEventsClient } from "@activity-events/client";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { runClient } from "./running-client.ts";

afterEach(cleanUp);

test("spreads calls over all addresses of a target", async () => {
  const port = await freePort();
  const hosts = ["127.0.0.1", "127.0.0.2"];
  await Promise.all(
    hosts.map((HOST) => startService({ dataDir: temporaryFolder().path, port, environment: { HOST } })),
  );
  const client = new ActivityEventsClient({
    address: `ipv4:${hosts.map((host) => `${host}:${port}`).join(",")}`,
    tls: false,
  });

  // Two stores: what one instance recorded is new to the other.
  let isSpread = false;
  for (let attempt = 0; attempt < 100 && !isSpread; attempt += 1) {
    const event = { deploymentId: "d", eventId: `e-${attempt}`, message: "m" };
    await client.createEvent({ event });
    isSpread = !(await client.createEvent({ event })).duplicate;
  }
  client.close();

  expect(isSpread).toBe(true);
});

test("takes a name that is resolved by DNS", async () => {
  const { port } = await startService({ dataDir: temporaryFolder().path });

  const { output } = await runClient({ args: ["--address", `dns:///localhost:${port}`, "health"] });

  expect(output).toBe("SERVING\n");
});
