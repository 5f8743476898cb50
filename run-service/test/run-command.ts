import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { newEvent } from "./new-event.ts";
import { startService } from "./start-service.ts";

const { createEvent } = ActivityEventsService.method;

/** Runs a command of the service's program on the store of a folder. */
export async function run(dataDir: string, ...args: readonly string[]) {
  await using service = new ServiceProcess({ arguments: args, environment: { STORE: "sqlite", DATA_DIR: dataDir } });
  const { code } = await service.ended;
  return { code, output: service.output.join("\n"), errors: service.errors };
}

/** Starts a service on this folder, has it store events, and ends it. */
export async function storeEvents(dataDir: string, events: number, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  await using service = await startService({ STORE: "sqlite", DATA_DIR: dataDir });
  for (let event = 0; event < events; event += 1) {
    await service.client.call(createEvent, { event: newEvent({ deploymentId: "d" }) });
  }
  service.process.kill(signal);
  await service.process.ended;
}
