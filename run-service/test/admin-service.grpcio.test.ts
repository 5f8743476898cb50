import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { create, type DescMethod, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { startService } from "./start-service.ts";

const { redactEvent, deleteDeployment, undeleteDeployment, purgeDeployment } = ActivityEventsAdminService.method;
const execute = promisify(execFile);

function asked<M extends DescMethod>(method: M, init: MessageInitShape<M["input"]>) {
  const request = Buffer.from(toBinary(method.input, create(method.input, init))).toString("hex");
  return { method, arguments: [method.name, request] };
}

test("gRPC's own core in Python redacts, deletes, undeletes and purges with the admin token, and not without", async () => {
  using folder = temporaryFolder();
  await using service = await startService({ DATA_DIR: folder.path });
  const token = readFileSync(join(folder.path, "admin-token"), "utf8").trimEnd();
  const deploymentId = "shop-42";
  const event = { deploymentId, eventId: "leak", message: "hunter2" };
  await service.client.call(ActivityEventsService.method.createEvent, { event });
  const script = join(import.meta.dirname, "admin-client.py");
  const calls = [
    asked(redactEvent, { deploymentId, eventId: "leak", reason: "a password" }),
    asked(deleteDeployment, { deploymentId }),
    asked(undeleteDeployment, { deploymentId }),
    asked(purgeDeployment, { deploymentId }),
    asked(redactEvent, { deploymentId, eventId: "leak" }),
  ];
  const answers = async (bearer: string) => {
    const given = [script, service.address, bearer, ...calls.flatMap((call) => call.arguments)];
    return (await execute(process.env.PYTHON ?? "python3", given)).stdout.trim().split("\n");
  };

  const open = await answers("");
  const [redacted, deleted, undeleted, purged, late] = await answers(token);
  const decode = <M extends DescMethod>(method: M, hex = "") => fromBinary(method.output, Buffer.from(hex, "hex"));

  expect(open.map((line) => line.split(" ")[0])).toEqual(Array(5).fill("UNAUTHENTICATED"));
  expect(decode(redactEvent, redacted)).toMatchObject({
    emptiedFields: ["message"],
    notice: { message: "a password" },
  });
  expect(decode(deleteDeployment, deleted)).toMatchObject({ deployment: { deploymentId, edits: 2n } });
  expect(decode(undeleteDeployment, undeleted)).toMatchObject({ deployment: { deploymentId, edits: 3n } });
  expect(decode(purgeDeployment, purged)).toMatchObject({ eventsPurged: 3n, deployment: { edits: 4n } });
  expect(late).toBe(`FAILED_PRECONDITION deployment ${deploymentId} is purged; its events are gone for good`);
});
