import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { call, connect, disconnectAll, methods, read } from "@activity-events/testing/contract-client";
import { refusalIn } from "@activity-events/testing/refusal";
import { cleanUp, type RunningService, startService } from "@activity-events/testing/running-service";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, jest, test } from "@jest/globals";
import { inParallel } from "./in-parallel.ts";
import { openAndDrop, openSocket, saidBefore } from "./raw-socket.ts";
import { roundTrip } from "./round-trip.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

const MiB = 1_024 * 1_024;

/** What a client of HTTP/2 says first. */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const emptySettings = http2Frame({ type: 4 });

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test("closes connections on which something else than HTTP/2 is spoken", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const greeting = Buffer.concat([preface, emptySettings]);
  const spoken = {
    noise: randomBytes(65_536),
    zeros: Buffer.alloc(65_536),
    "HTTP/1 without a body": Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "HTTP/1 with a body": Buffer.from("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"),
    "an upgrade to HTTP/2": Buffer.from(
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    ),
    TLS: Buffer.from("16030100a5010000a10303", "hex"),
    "noise after the preface": Buffer.concat([preface, randomBytes(3_000)]),
    "data on the connection's own stream": Buffer.concat([
      greeting,
      http2Frame({ type: 0, payload: Buffer.alloc(99) }),
    ]),
    "headers that nobody can unpack": Buffer.concat([
      greeting,
      http2Frame({ type: 1, flags: 5, stream: 1, payload: Buffer.alloc(500, 0xff) }),
    ]),
    "a frame above the limit": Buffer.concat([
      greeting,
      http2Frame({ type: 0, stream: 1, payload: Buffer.alloc(20_000) }),
    ]),
    "headers without an end": Buffer.concat([greeting, endlessHeaders(400)]),
    "settings without an end": Buffer.concat([greeting, ...Array(50_000).fill(emptySettings)]),
  };

  const said = await Promise.all(Object.values(spoken).map((bytes) => saidBefore(service.port, bytes)));

  // All were closed. They were told why in a GOAWAY frame, but for those that were cut off in the middle of a flood.
  expect(said.filter((answer) => frameTypes(answer).includes(7)).length).toBeGreaterThanOrEqual(8);
  await roundTrip(service.address);
});

test("serves others while thousands of connections are dropped or left half open, and lets go of what they cost", async () => {
  const random = seededRandom("abused-connections");
  const service = await startService({ dataDir: temporaryFolder().path });
  await roundTrip(service.address);
  const before = { bytes: service.residentBytes(), descriptors: openDescriptors(service) };
  const beginnings = [Buffer.alloc(0), preface.subarray(0, 12), preface, Buffer.concat([preface, emptySettings])];

  await inParallel(3_000, 100, () => openAndDrop(service.port, random.pick(beginnings)));
  const halfOpen = await Promise.all(
    Array.from({ length: 1_000 }, () => openSocket(service.port, random.pick(beginnings))),
  );
  await until(() => openDescriptors(service) > before.descriptors + 900, "they are accepted");
  await roundTrip(service.address);
  for (const socket of halfOpen) socket.destroy();
  await until(() => openDescriptors(service) <= before.descriptors + 5, "the connections are closed");

  const bytesMore = service.residentBytes() - before.bytes;
  process.stderr.write(`abused-connections: ${inMiB(bytesMore)} more after 4000 connections\n`);
  expect(bytesMore).toBeLessThan(150 * MiB);
  await roundTrip(service.address);
});

test("frees all that cancelled calls held, more of them than it serves at a time", async () => {
  const random = seededRandom("abused-connections");
  const service = await startService({ dataDir: temporaryFolder().path });
  const deploymentId = "release-42";
  await call(connect(service.address), methods.createEvent, { event: { deploymentId, message: "built" } });
  let opened = 0;
  await giveUp(2_000);
  const bytesBefore = service.residentBytes();

  await giveUp(10_000);

  const bytesMore = service.residentBytes() - bytesBefore;
  process.stderr.write(`abused-connections: ${inMiB(bytesMore)} more after 10000 streams that were given up\n`);
  expect(bytesMore).toBeLessThan(300 * MiB);
  const { deployments } = await call(connect(service.address), methods.listDeployments, {});
  expect(deployments.map((deployment) => deployment.deploymentId)).toEqual([deploymentId]);
  // 10,000 open streams is what the service takes; had these stayed open, the last would have been refused.
  expect(opened).toBeGreaterThan(10_000);
  await roundTrip(service.address);

  async function giveUp(calls: number): Promise<void> {
    // nghttp2 ends a connection with more than 1,000 cancelled calls at once, against a known attack ("rapid reset").
    const callsOfConnection = 500;
    await inParallel(calls / callsOfConnection, 1, async () => {
      const client = connect(service.address);
      await inParallel(callsOfConnection, callsOfConnection, async (index) => {
        const followed = random.pick([deploymentId, `nobody-writes-${index}`]);
        const stream = read(client, methods.streamEvents, { deploymentId: followed, follow: true });
        const ended = new Promise<unknown>((resolve) => stream.on("error", resolve));
        const firstFrame = new Promise((resolve) => stream.once("data", resolve)).then(() => {
          opened += 1;
        });
        // Some are cancelled before they reach the service, most when they are open.
        if (random.between(1, 20) > 1) await Promise.race([firstFrame, ended]);
        stream.cancel();
        expect(refusalIn(await ended)).toMatchObject({ code: "CANCELLED", message: "Cancelled on client" });
        if (random.between(1, 10) > 1) return;
        const event = { deploymentId, message: "late" };
        await call(client, methods.createEvent, { event }, { timeoutMs: random.between(1, 20) }).catch(() => {});
      });
      client.close();
    });
  }
});

function openDescriptors({ pid }: RunningService): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** The types of the frames in what was said. */
function frameTypes(said: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at + 9 <= said.length; at += 9 + said.readUIntBE(at, 3)) types.push(said.readUInt8(at + 3));
  return types;
}

/** A frame of HTTP/2 (RFC 9113, 4.1). */
function http2Frame({ type = 0, flags = 0, stream = 0, payload = Buffer.alloc(0) }): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A request whose headers are continued in frame after frame. */
function endlessHeaders(frames: number): Buffer {
  // A literal header without indexing: a name of one byte, a value of 95.
  const header = Buffer.concat([Buffer.from([0, 1, 0x61, 95]), Buffer.alloc(95, 0x62)]);
  const payload = Buffer.concat(Array(160).fill(header));
  const continuation = http2Frame({ type: 9, stream: 1, payload });
  return Buffer.concat([http2Frame({ type: 1, stream: 1, payload }), ...Array(frames).fill(continuation)]);
}

function inMiB(bytes: number): string {
  return `${Math.round(bytes / MiB)} MiB`;
}
