import { execFile } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CreateEventResponse } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodDefinition } from "@activity-events/proto/service-definition";
import { connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { create, type Message } from "@bufbuild/protobuf";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, expect, test } from "@jest/globals";

const page = readFileSync(join(import.meta.dirname, "..", "docs", "access.md"), "utf8");

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test("the tokens that docs/access.md makes are those that its first file lets in, each to its role", async () => {
  const { path } = temporaryFolder();
  const [commands = "", checks = "", , calls = ""] = blocks("sh");
  const [file = ""] = blocks("yaml");

  const { stdout } = await promisify(execFile)("bash", ["-euc", commands], { cwd: path });
  const hashes = stdout.trim().split("\n");
  const written = file.replaceAll(/sha256: \w+/g, () => `sha256: ${hashes.shift()}`);
  writeFileSync(join(path, "access.yaml"), written);
  const client = `${process.execPath} ${join(import.meta.dirname, "..", "cli", "src", "main.ts")}`;
  const run = async (lines: string, ACTIVITY_ADDRESS: string) => {
    const own = lines.replaceAll("activity_client", client).replaceAll(/^grpcurl .*\n/gm, "");
    const env = { PATH: process.env.PATH, HOME: path, ACTIVITY_ADDRESS };
    const { stdout } = await promisify(execFile)("bash", ["-euc", own], { cwd: path, env });
    return stdout;
  };
  const checked = await run(checks, "");
  const service = await startService({
    dataDir: join(path, "data"),
    environment: { ACCESS_FILE: join(path, "access.yaml") },
  });
  const tokenOf = (name: string) => readFileSync(join(path, `${name}.token`), "utf8").trim();
  const event = { deploymentId: "shop-42", eventId: "e", type: "deployment.started" };

  const called = await run(calls, service.address);
  const asPipeline = await record(service.address, event, `Bearer ${tokenOf("pipeline")}`);
  const asAda = await record(service.address, { ...event, eventId: "f" }, `Bearer ${tokenOf("ada")}`);
  const asNobody = await record(service.address, event);
  const mistyped = await record(service.address, event, `Bearer ${tokenOf("ada")}0`);

  expect(checked).toMatch(/^access.yaml is good\.\ntoken:pipeline may read, record events of shop-42\.\n/);
  expect(statSync(join(path, "ada.token")).mode & 0o077).toBe(0);
  expect(called).toMatch(/^shop-42\t1\t\S+\trecorded\n1\t.*\tdeployment[.]started\t/);
  expect([asPipeline, asAda]).toEqual(["token:pipeline", "token:ada"]);
  expect([asNobody, mistyped]).toEqual([status.UNAUTHENTICATED, status.UNAUTHENTICATED]);
});

/** Blocks of code of the page, of one language. */
function blocks(language: string): readonly string[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, found, text = ""]) =>
    found === language ? [text] : [],
  );
}

/** Records an event; returns the principal that is stored with it, or the status of the refusal. */
async function record(address: string, event: object, authorization?: string): Promise<string | status | undefined> {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(methods.createEvent);
  const metadata = Metadata.fromHttp2Headers(authorization === undefined ? {} : { authorization });
  const request = create(methods.createEvent.input, { event });
  return new Promise((resolve) => {
    connect(address).makeUnaryRequest<Message, Message>(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      (error: ServiceError | null, response) =>
        resolve(error?.code ?? (response as CreateEventResponse).event?.principal),
    );
  });
}
