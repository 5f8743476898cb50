import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { startService } from "./start-service.ts";

const { createEvent, getEvent } = ActivityEventsService.method;

test("a service finds damage that nobody reads, logs it, and appends nothing on top of it", async () => {
  using folder = temporaryFolder();
  const settings = { STORE: "sqlite", DATA_DIR: folder.path };
  {
    await using service = await startService(settings);
    for (const eventId of ["a", "b"])
      await service.client.call(createEvent, { event: newEvent({ deploymentId: "d", eventId }) });
    service.process.kill("SIGTERM");
    await service.process.ended;
  }
  using database = new DatabaseSync(join(folder.path, "events.db"));
  database.exec("UPDATE events SET type = 'other' WHERE event_id = 'a'");
  database.close();
  await using service = await startService(settings);

  const finding = await service.process.line(({ code }) => code === "STORE_DAMAGED");
  const pass = await service.process.line(({ code }) => code === "STORE_SCRUBBED");

  const message = "event 1 of d is not as it was stored";
  expect(finding).toMatchObject({ severity: "ERROR", deployment: "d", sequence: 1, fault: message });
  expect(pass).toMatchObject({ severity: "INFO", deployments: 1, events: 2, found: 1 });
  const damaged = { code: "DATA_LOSS", reason: "STORE_DAMAGED" };
  const append = service.client.call(createEvent, { event: newEvent({ deploymentId: "d", eventId: "c" }) });
  expect(await refusalOf(append)).toMatchObject(damaged);
  const absent = service.client.call(getEvent, { deploymentId: "d", eventId: "none" });
  expect(await refusalOf(absent)).toMatchObject(damaged);
});
