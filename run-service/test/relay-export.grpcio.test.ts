import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ImportEventsResponseSchema } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { fromBinary } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { embedService } from "./embed-service.ts";
import { fillStore } from "./export-records.ts";
import { adminToken, bytesOf, exportAll } from "./transfer.ts";

const python = process.env.PYTHON ?? "python3";
const program = fileURLToPath(new URL("relay-export.py", import.meta.url));

async function relay(source: { readonly address: string }, target: { readonly address: string }, count: number) {
  const args = ["-B", program, source.address, target.address, adminToken, `${count}`];
  const { stdout } = await promisify(execFile)(python, args);
  const [status, ...answers] = stdout.trim().split("\n");
  const frames = answers.map((hex) => fromBinary(ImportEventsResponseSchema, Buffer.from(hex, "hex")).frame);
  return { status, last: frames.at(-1)?.value };
}

test("a client without our code relays an export as it comes, and another store is the same", async () => {
  await using source = await embedService({ adminToken });
  await using target = await embedService({ adminToken });
  await fillStore(source.store);

  const part = await relay(source, target, 2);
  const whole = await relay(source, target, 0);

  expect(part.status).toBe("INVALID_ARGUMENT");
  expect(whole).toMatchObject({ status: "OK", last: { complete: true, deploymentsImported: 6n } });
  expect(bytesOf(await exportAll(target.client))).toEqual(bytesOf(await exportAll(source.client)));
});
