import { expect } from "@jest/globals";
import { type AdministeredService, startAdministered } from "./filled-service.ts";
import { runClient } from "./running-client.ts";

/** Calls as an admin of the service; the arguments are in one string, parted by spaces. */
export function call({ address, environment }: AdministeredService, line: string, input = "") {
  return runClient({ args: line.split(" "), input, address, environment });
}

/** Records a deployment of one event for each id. */
export async function record({ admin }: AdministeredService, ...deploymentIds: readonly string[]): Promise<void> {
  for (const deploymentId of deploymentIds) {
    await admin.createEvent({ event: { deploymentId, eventId: "e", message: "m", environment: "prod" } });
  }
}

/** An export of deployments of the environment `prod` with one event of 2020. They have no history hash, which would prove the time. */
export async function oldExport(...deploymentIds: readonly string[]): Promise<string> {
  await using source = await startAdministered();
  await record(source, ...deploymentIds);
  const { output } = await call(source, "export");
  const old = output.trimEnd().split("\n").map(aged);
  return old.map((line) => `${line}\n`).join("");
}

/** Starts a service with fresh deployments, and with those of an export. A minute later it would expire by itself. */
export async function startWith(
  old: string,
  { fresh, rule }: { readonly fresh: readonly string[]; readonly rule?: string },
) {
  const service = await startAdministered(rule === undefined ? {} : { RETENTION_DAYS: rule });
  await record(service, ...fresh);
  expect(await call(service, "import", old)).toMatchObject({ exitCode: 0, errors: "" });
  return service;
}

function aged(text: string): string {
  const { historyhash: _, ...line } = JSON.parse(text);
  const then = "2020-01-01T00:00:00Z";
  if (line.time !== undefined) Object.assign(line, { time: then, data: { ...line.data, receiveTime: then } });
  if (line.type === "activityevents.export.deployment") {
    const { historyHash: _hash, historyHashFrom: _from, ...data } = line.data;
    line.data = { ...data, createTime: then, updateTime: then };
  }
  return JSON.stringify(line);
}
