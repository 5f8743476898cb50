import { chmodSync, readdirSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { describe, expect, test } from "@jest/globals";
import packageJson from "../package.json" with { type: "json" };
import { newEvent } from "./new-event.ts";
import { startService } from "./start-service.ts";

const { createEvent, getEvent } = ActivityEventsService.method;

describe("the start of the service", () => {
  test.concurrent("is one line with address, version, store, file and schema", async () => {
    using folder = temporaryFolder();
    await using service = await startService({ STORE: "sqlite", DATA_DIR: folder.path });

    expect(service.process.log).toEqual([
      {
        severity: "INFO",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        security: "plain",
        version: packageJson.version,
        store: "sqlite",
        file: join(folder.path, "events.db"),
        schema: 5,
        message: "listening",
      },
    ]);
    expect(service.process.errors).toBe("");
  });

  test.concurrent("makes the folder of the store", async () => {
    using folder = temporaryFolder();

    await using service = await startService({ STORE: "sqlite", DATA_DIR: join(folder.path, "a", "b") });

    expect(service.address).toMatch(/:\d+$/);
    expect(readdirSync(join(folder.path, "a", "b"))).toContain("events.db");
  });

  test.concurrent("warns of each file and folder of the store that others than the owner may use", async () => {
    using folder = temporaryFolder();
    const settings = { STORE: "sqlite", DATA_DIR: folder.path };
    {
      await using first = await startService(settings);
      expect(first.process.log.map(({ severity }) => severity)).toEqual(["INFO"]);
    }
    const file = join(folder.path, "events.db");
    chmodSync(folder.path, 0o755);
    chmodSync(file, 0o640);

    await using service = await startService(settings);

    const warnings = service.process.log.filter(({ code }) => code === "STORE_EXPOSED");
    expect(warnings).toMatchObject([
      { severity: "WARNING", path: folder.path, mode: "755" },
      { severity: "WARNING", path: file, mode: "640" },
    ]);
  });

  test.concurrent("is written for people with LOG_FORMAT=pretty", async () => {
    await using service = new ServiceProcess({ environment: { LOG_FORMAT: "pretty" } });

    const line = await service.outputLine((text) => text.includes("listening"));

    expect(line).toMatch(
      /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: listening address=127\.0\.0\.1:\d+ security=plain version=[\d.]+ store=memory$/,
    );
  });

  test.concurrent("warns when others than this machine can reach it and may do everything", async () => {
    await using open = await startService({ HOST: "0.0.0.0", ACCESS: "open" });
    await using closed = await startService({ HOST: "localhost" });

    const warnings = open.process.log.filter(({ severity }) => severity === "WARNING");
    expect(warnings).toMatchObject([
      { host: "0.0.0.0", message: expect.stringContaining("everybody who reaches this address may do everything") },
      { host: "0.0.0.0", message: expect.stringContaining("without TLS") },
    ]);
    expect(open.address).toMatch(/^0\.0\.0\.0:\d+$/);
    expect(closed.process.log.map(({ severity }) => severity)).toEqual(["INFO"]);
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === "::1"),
  );
  (hasIpv6 ? test : test.skip).each(["::1", "[::1]"])(
    "tells an IPv6 address, given as %s, in the form that clients take, which is loopback as well",
    async (host) => {
      await using service = await startService({ HOST: host });

      const { event } = await service.client.call(createEvent, { event: newEvent() });

      expect(service.address).toMatch(/^\[::1\]:\d+$/);
      expect(event?.sequence).toBe(1n);
      expect(service.process.log[0]?.severity).toBe("INFO");
    },
  );

  test.concurrent("finds every event that was acknowledged before it was killed", async () => {
    using folder = temporaryFolder();
    const settings = { STORE: "sqlite", DATA_DIR: folder.path };
    const event = newEvent({ message: "acknowledged" });

    const before = await startService(settings);
    const { event: stored } = await before.client.call(createEvent, { event });
    before.process.kill("SIGKILL");
    await before.process.ended;
    await before[Symbol.asyncDispose]();
    await using after = await startService(settings);
    const { deploymentId, eventId } = event;
    const read = await after.client.call(getEvent, { deploymentId, eventId });

    expect(read.event).toEqual(stored);
  });
});
