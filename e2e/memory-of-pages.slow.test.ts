import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { ActivityEventsClient } from "@activity-events/client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, jest, test } from "@jest/globals";
import { startLimited } from "./limited-memory.ts";

jest.setTimeout(600_000);

const program = join(import.meta.dirname, "..", "metrics-service", "src", "main.ts");
const limitMiB = 512;
const mostMiB = 420;
const deployments = 20_000;
const pages = 1_000;

afterEach(cleanUp);

test("1,000 pages that do not read fit into the memory of a container, and others are served", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const client = new ActivityEventsClient({ address: service.address, tls: false });
  await record(client, "started");
  await using limited = await startLimited(limitMiB, {
    program,
    environment: { PAGE_PORT: "0", ACTIVITY_ADDRESS: service.address },
  });
  const { address, port } = limited.service;

  const wanted = [{ deployments: {} }, { now: {} }, { deployment: { deploymentId: "d-1" } }];
  const deaf = await openDeafPages(port, pages, wanted);
  const shown = new Set<string>();
  const reader = openPage(address, (id, sequence) => sequence === "2" && shown.add(id));
  await record(client, "progress");

  await until(() => shown.size === deployments, "a page that reads is shown every change");
  expect((await fetch(`http://${address}/api/metrics`)).status).toBe(200);
  process.stderr.write(`memory of pages: ${limited.mostMiB} MiB with ${deaf.length} pages that do not read\n`);
  expect(limited.service.hasExited).toBe(false);
  expect(limited.mostMiB).toBeLessThan(mostMiB);
  reader.close();
  for (const socket of deaf) socket.destroy();
  client.close();
});

test("pages that do not read long histories hold little of them", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const client = new ActivityEventsClient({ address: service.address, tls: false });
  const message = "m".repeat(60_000);
  const events = Array.from({ length: 200 }, () => ({ deploymentId: "long", type: "deployment.progress", message }));
  for await (const { kind } of client.ingestEvents(events)) expect(kind).toBe("stored");
  await using limited = await startLimited(limitMiB, {
    program,
    environment: { PAGE_PORT: "0", ACTIVITY_ADDRESS: service.address },
  });
  const { address, port } = limited.service;

  const wanted = Array.from({ length: 8 }, () => ({ deployment: { deploymentId: "long" } }));
  const deaf = await openDeafPages(port, 100, wanted);
  const seen = new Set<string>();
  const reader = openPage(
    address,
    () => {},
    { deployment: { deploymentId: "long" } },
    (sequence) => seen.add(sequence),
  );

  await until(() => seen.size === events.length, "a page that reads is shown the whole history");
  process.stderr.write(`memory of pages: ${limited.mostMiB} MiB with ${deaf.length} that do not read histories\n`);
  expect(limited.service.hasExited).toBe(false);
  expect(limited.mostMiB).toBeLessThan(mostMiB);
  reader.close();
  for (const socket of deaf) socket.destroy();
  client.close();
});

async function record(client: ActivityEventsClient, step: string): Promise<void> {
  const events = Array.from({ length: deployments }, (_, n) => {
    const [service, environment] = [`service-${n % 40}`, "production"];
    return { deploymentId: `d-${n}`, eventId: step, type: `deployment.${step}`, service, environment, message: step };
  });
  for await (const { kind } of client.ingestEvents(events)) expect(kind).toBe("stored");
}

/** Opens /live on plain sockets, subscribes, and never reads. */
async function openDeafPages(port: number, count: number, wanted: readonly object[]): Promise<readonly Socket[]> {
  const frames = wanted.map((each, n) => textFrame(JSON.stringify({ subscribe: { subscription: `${n}`, ...each } })));
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count; opened += 1) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.pause();
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.write(upgrade(port));
    for (const frame of frames) socket.write(frame);
    sockets.push(socket);
  }
  return sockets;
}

/** Opens /live and tells of every head and event that comes. */
function openPage(
  address: string,
  onHead: (deploymentId: string, headSequence: string) => void,
  wanted: object = { deployments: {} },
  onEvent: (sequence: string) => void = () => {},
): WebSocket {
  const socket = new WebSocket(`ws://${address}/live`, "activity-events.v1");
  socket.onopen = () => socket.send(JSON.stringify({ subscribe: { subscription: "s", ...wanted } }));
  socket.onmessage = ({ data }) => {
    const { deployments, events } = JSON.parse(data);
    for (const { deploymentId, headSequence } of deployments?.deployments ?? []) onHead(deploymentId, headSequence);
    for (const { sequence } of events?.events ?? []) onEvent(sequence);
  };
  return socket;
}

function upgrade(port: number): string {
  const fields = {
    Host: `127.0.0.1:${port}`,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "activity-events.v1",
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return ["GET /live HTTP/1.1", ...lines, "\r\n"].join("\r\n");
}

/** A text frame as a client sends it, masked with zeros; of at most 125 bytes. Source: RFC 6455, 5.2. */
function textFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
