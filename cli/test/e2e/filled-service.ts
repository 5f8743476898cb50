import { join } from "node:path";
import { ActivityEventsClient, type Deployment, EventSchema, Outcome, serviceFiles } from "@activity-events/client";
import { collect } from "@activity-events/testing/collect";
import { type RunningService, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { create } from "@bufbuild/protobuf";

/** A service, and a client that shows its admin token. */
export interface AdministeredService extends RunningService, AsyncDisposable {
  /** Environment of a command that finds the admin token. */
  readonly environment: Readonly<Record<string, string>>;
  readonly admin: ActivityEventsClient;
  /** All deployments, hidden ones too. */
  deployments(): Promise<Deployment[]>;
}

/** Starts a service with an empty store in memory. */
export async function startAdministered(
  environment: Readonly<Record<string, string>> = {},
): Promise<AdministeredService> {
  const dataDir = temporaryFolder().path;
  const service = await startService({ dataDir, environment: { STORE: "memory", ...environment } });
  const { address } = service;
  const admin = new ActivityEventsClient({
    address,
    tls: false,
    ...serviceFiles({ tokenFile: join(dataDir, "admin-token") }),
  });
  const deployments = () => collect(admin.listDeployments({ showDeleted: true }));
  const end = async () => {
    admin.close();
    await service.kill();
  };
  return Object.assign(service, {
    ...{ environment: { DATA_DIR: dataDir }, admin, deployments },
    [Symbol.asyncDispose]: end,
  });
}

/** Fills a store with what an export can meet: kept, redacted, deleted and purged deployments, and one of many events. */
export async function fill({ admin }: Pick<AdministeredService, "admin">, { many = 1_200 } = {}): Promise<void> {
  const started = { type: "deployment.started", environment: "prod", service: "shop", actor: "ann" };
  const type = "deployment.progress";
  const record = (deploymentId: string, events: EventInits) => admin.batchCreateEvents({ deploymentId, events });
  const finished = { type: "deployment.finished", outcome: Outcome.SUCCESS };
  await record("kept", [started, { type, message: "one" }, finished]);
  await record("unknown", [ofLaterVersion()]);
  await record("many", [started]);
  for (let at = 0; at < many; at += 400) {
    const step = (index: number) => ({ type, message: `step ${at + index}`, labels: { at: "x" } });
    await record(
      "many",
      Array.from({ length: 400 }, (_, index) => step(index)),
    );
  }
  await record("redacted", [started, { type, eventId: "leak", message: "hunter2", actor: "eve" }]);
  await admin.admin.redactEvent({ deploymentId: "redacted", eventId: "leak" });
  await record("deleted", [started, { type, message: "hidden" }]);
  await admin.admin.deleteDeployment({ deploymentId: "deleted" });
  await record("purged", [started, { type, message: "gone" }]);
  await admin.admin.purgeDeployment({ deploymentId: "purged" });
}

type EventInits = NonNullable<Parameters<ActivityEventsClient["batchCreateEvents"]>[0]["events"]>;

/** An event with field 99, which this version does not know. */
function ofLaterVersion() {
  const event = create(EventSchema, { eventId: "later", type: "deployment.progress", message: "of a later version" });
  event.$unknown = [{ no: 99, wireType: 2, data: new Uint8Array([2, 104, 105]) }];
  return event;
}
