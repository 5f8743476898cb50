import { hash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ActivityEventsClient } from "@activity-events/client";
import { deploymentId } from "@activity-events/mirror/test/builders";
import { eventsAt, openMemory } from "@activity-events/mirror/test/open-memory";
import { type LogLine, ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { runMirror } from "../../functions/mirror/src/run-mirror.ts";
import { runSweep } from "../../functions/mirror/src/run-sweep.ts";

type Line = Readonly<Record<string, unknown>>;

// Run in the service before all else: ends the thread that appends when the signal comes, as a fault of its own would.
const endThreadOnSignal = `data:text/javascript,${encodeURIComponent(`
  const threads = [];
  process.on("worker", (thread) => threads.push(thread));
  process.on("SIGUSR2", () => threads[0]?.terminate());
`)}`;

/**
 * The lines that the service writes: of each kind of call, of one whose store is away, of one whose store dies, and of callers who are
 * not let in.
 */
export async function serviceLines(): Promise<readonly Line[]> {
  await using service = new ServiceProcess({
    environment: { STORE: "sqlite", NODE_OPTIONS: `--import ${endThreadOnSignal}` },
  });
  const firestore = { STORE: "firestore", GOOGLE_CLOUD_PROJECT: "nowhere", METADATA_SERVER_DETECTION: "none" };
  const hosts = { FIRESTORE_EMULATOR_HOST: "127.0.0.1:1", PUBSUB_EMULATOR_HOST: "127.0.0.1:1" };
  await using cutOff = new ServiceProcess({ environment: { ...firestore, ...hosts } });
  await makeCalls(await addressOf(service));
  service.kill("SIGUSR2");
  const away = new ActivityEventsClient({ address: await addressOf(cutOff), tls: false });
  await away.getDeployment({ deploymentId: "d" }, { timeoutMs: 15_000 }).catch(() => {});
  away.close();
  await Promise.all([service.ended, cutOff.line(({ message }) => message === "call")]);
  return [...service.log, ...cutOff.log, ...(await guardedLines())];
}

/** The lines of a service with an access file: of a call without a token, and of one that may read alone. */
async function guardedLines(): Promise<readonly Line[]> {
  using folder = temporaryFolder();
  const file = join(folder.path, "access.yaml");
  writeFileSync(
    file,
    `tokens:
  - { name: reader, sha256: ${hash("sha256", "a-token")} }
  - { name: ops, sha256: ${hash("sha256", "another")} }
bindings:
  - { role: reader, members: ["token:reader"] }
  - { role: admin, members: ["token:ops"] }
`,
  );
  await using service = new ServiceProcess({ environment: { ACCESS_FILE: file } });
  const raw = new Client(await addressOf(service), credentials.createInsecure());
  const asIs = (bytes: Buffer) => bytes;
  const path = "/activityevents.ActivityEvents/CreateEvent";
  for (const headers of [{}, { authorization: "Bearer a-token" }]) {
    const metadata = Metadata.fromHttp2Headers(headers);
    await new Promise<void>((resolve) => {
      raw.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), metadata, () => resolve());
    });
  }
  raw.close();
  await service.line(({ message, code }) => message === "call" && code === "PERMISSION_DENIED");
  return service.log;
}

async function addressOf(service: ServiceProcess): Promise<string> {
  const { address } = await service.line((line: LogLine) => line.message === "listening");
  return `${address}`;
}

async function makeCalls(address: string): Promise<void> {
  const client = new ActivityEventsClient({ address, tls: false });
  const raw = new Client(address, credentials.createInsecure());
  const event = { deploymentId: "d", eventId: "e", message: "hello" };
  await client.checkHealth("");
  await client.createEvent({ event });
  await client.createEvent({ event: { ...event, message: "other" } }).catch(() => {});
  await client.batchCreateEvents({ deploymentId: "d", events: [{ ...event, eventId: "f" }] });
  await client.getEvent({ deploymentId: "d", eventId: "none" }).catch(() => {});
  for await (const _ of client.listEvents({ deploymentId: "d" }));
  for await (const _ of client.streamEvents({ deploymentId: "d" }));
  await client.getDeployment({ deploymentId: "d" });
  for await (const _ of client.listDeployments());
  await new Promise<void>((resolve) => {
    const path = "/activityevents.ActivityEvents/CreateEvent";
    const asIs = (bytes: Buffer) => bytes;
    raw.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), () => resolve());
  });
  client.close();
  raw.close();
}

/** The lines that the mirror writes: of runs and sweeps that come to their end, that find damage, and that fail. */
export async function mirrorLines(): Promise<readonly Line[]> {
  const [good, damaged, unknown] = [deploymentId("good"), deploymentId("damaged"), deploymentId("unknown")];
  const memory = openMemory();
  memory.store.append(good);
  memory.store.append(damaged, "missing");
  memory.store.append(damaged, "unreadable");
  memory.store.append(damaged);
  memory.topics.refuse(eventsAt(3));
  for (const deployment of [good, damaged, unknown]) await runMirror(deployment, memory);
  await runSweep(memory);
  memory.store.append(good);
  memory.topics.setDown("events", true);
  await runMirror(good, memory);
  await runSweep({ ...memory, store: { ...memory.store, readSweepCursor: () => Promise.reject(new Error("away")) } });
  return memory.lines;
}
