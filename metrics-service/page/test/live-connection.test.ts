import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { type WebSocket as ServerSocket, WebSocketServer } from "ws";
import type { LiveFrame, LiveRequest } from "../../src/live/live-messages.ts";
import { LiveConnection } from "../src/live/live-connection.ts";
import { ServerClock } from "../src/live/server-clock.ts";

// A server that does what the metrics service cannot be made to do on demand: fall silent, refuse, send late frames.
const open: { readonly server: WebSocketServer; readonly live: LiveConnection }[] = [];
const plain: { readonly server: Server; readonly live: LiveConnection }[] = [];

afterEach(async () => {
  for (const { server, live } of plain.splice(0)) {
    live.close();
    server.closeAllConnections();
    server.close();
  }
  for (const { server, live } of open.splice(0)) {
    live.close();
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

interface Peer {
  readonly live: LiveConnection;
  readonly clock: ServerClock;
  /** Sockets so far, the last one last. */
  readonly sockets: ServerSocket[];
  /** Requests of the last socket. */
  readonly requests: LiveRequest[];
  /** Returns the last socket, once there are so many. */
  socket(count: number): Promise<ServerSocket>;
}

async function connect({ heartbeatIntervalMs = 60_000 } = {}): Promise<Peer> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const sockets: ServerSocket[] = [];
  const requests: LiveRequest[] = [];
  server.on("connection", (socket) => {
    sockets.push(socket);
    requests.length = 0;
    socket.on("message", (text) => requests.push(JSON.parse(`${text}`)));
    tell(socket, { alive: { serverTime: "2030-01-01T00:00:00Z", heartbeatIntervalMs, isServiceReached: true } });
  });
  const clock = new ServerClock();
  const { port } = server.address() as AddressInfo;
  const live = new LiveConnection({ url: `ws://127.0.0.1:${port}/live`, clock, random: () => 0 });
  open.push({ server, live });
  const socket = async (count: number) => {
    await until(() => sockets.length >= count, `${count} sockets were opened`);
    return sockets.at(-1) as ServerSocket;
  };
  return { live, clock, sockets, requests, socket };
}

function tell(socket: ServerSocket, message: object): void {
  socket.send(JSON.stringify(message));
}

function nameOf(request: LiveRequest | undefined): string {
  return request !== undefined && "subscribe" in request ? request.subscribe.subscription : "";
}

test("is live after the first message, with the server's time", async () => {
  const { live, clock } = await connect();

  live.open();
  await until(() => live.status.kind === "live", "the connection is live");

  expect(new Date(clock.nowMs()).getUTCFullYear()).toBe(2030);
});

test("subscribes again under another name, from where it is by then, and ignores late frames of the last one", async () => {
  const { live, requests, socket } = await connect();
  const frames: LiveFrame[] = [];
  let afterSequence = "0";
  live.subscribe(
    () => ({ deployment: { deploymentId: "d", afterSequence } }),
    (frame) => frames.push(frame),
  );
  live.open();
  const first = await socket(1);
  await until(() => requests.length === 1, "the first subscription came");
  const firstName = nameOf(requests[0]);

  afterSequence = "7";
  first.close(1_012);
  const second = await socket(2);
  await until(() => requests.length === 1, "the second subscription came");
  const secondName = nameOf(requests[0]);
  tell(second, { subscription: firstName, caughtUp: { cursor: "1" } });
  tell(second, { subscription: secondName, caughtUp: { cursor: "7" } });
  await until(() => frames.length > 0, "a frame came");

  expect(requests[0]).toEqual({
    subscribe: { subscription: secondName, deployment: { deploymentId: "d", afterSequence: "7" } },
  });
  expect(secondName).not.toBe(firstName);
  expect(frames).toEqual([{ caughtUp: { cursor: "7" } }]);
});

test("says that it is away, with the reason and since when, and comes back", async () => {
  const { live, socket } = await connect();
  live.open();
  const first = await socket(1);
  await until(() => live.status.kind === "live", "the connection is live");
  const statuses: unknown[] = [];
  live.onStatus(() => statuses.push(live.status));

  first.terminate();
  await socket(2);
  await until(() => live.status.kind === "live", "the connection is live again");

  expect(statuses).toEqual([
    { kind: "away", reason: "The page's server is not reached", sinceMs: expect.any(Number), isRetried: true },
    { kind: "live" },
  ]);
});

test("says why the server lets nobody in, and comes back when it does", async () => {
  const server = createServer((_, response) => {
    response.writeHead(403, { "content-type": "application/json", connection: "close" });
    response.end('{"error":{"status":"PERMISSION_DENIED","message":"user:m may read no deployment"}}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const live = new LiveConnection({ url: `ws://127.0.0.1:${port}/live`, clock: new ServerClock(), random: () => 0 });
  plain.push({ server, live });
  live.open();
  await untilReason(live, "The page's server does not let you in: user:m may read no deployment");

  const webSockets = new WebSocketServer({ server });
  webSockets.on("connection", (socket) =>
    tell(socket, {
      alive: { serverTime: "2030-01-01T00:00:00Z", heartbeatIntervalMs: 60_000, isServiceReached: true },
    }),
  );

  await until(() => live.status.kind === "live", "the connection is live");
});

test("passes on that the service is away, and why", async () => {
  const { live, socket } = await connect();
  live.open();
  const first = await socket(1);

  tell(first, {
    alive: {
      serverTime: "2030-01-01T00:00:00Z",
      heartbeatIntervalMs: 60_000,
      isServiceReached: false,
      fault: "refused",
    },
  });
  await until(() => live.status.kind === "away", "the connection is away");

  expect(live.status).toMatchObject({ reason: "The service is not reached: refused", isRetried: true });
});

test("takes silence for the end, and connects again", async () => {
  const { live, socket } = await connect({ heartbeatIntervalMs: 20 });

  live.open();
  await socket(1);
  await socket(2);

  expect(live.status.kind).not.toBe("connecting");
});

test("does not come back after a refusal", async () => {
  const { live, sockets, socket } = await connect();
  live.open();
  const first = await socket(1);

  first.close(1_008, "too many messages");
  await until(() => live.status.kind === "away", "the connection is away");
  live.wake();

  expect(live.status).toMatchObject({ reason: "The server refused this page: too many messages", isRetried: false });
  expect(sockets).toHaveLength(1);
});

test.each([
  ["reached its age", 4_000],
  ["ended with its viewer's token", 4_001],
])("says nothing when a socket %s and the next one opens", async (_, code) => {
  const { live, socket } = await connect();
  live.open();
  const first = await socket(1);
  await until(() => live.status.kind === "live", "the connection is live");
  const statuses: unknown[] = [];
  live.onStatus(() => statuses.push(live.status));

  first.close(code);
  await socket(2);
  await until(() => live.status.kind === "live", "the connection is live");

  expect(statuses).toEqual([]);
});

test("frees the name of what nobody looks at any more", async () => {
  const { live, requests, socket } = await connect();
  live.open();
  await socket(1);
  await until(() => live.status.kind === "live", "the connection is live");

  const end = live.subscribe(
    () => ({ now: {} }),
    () => {},
  );
  end();
  await until(() => requests.length === 2, "both requests came");

  expect(requests[1]).toEqual({ unsubscribe: { subscription: nameOf(requests[0]) } });
});

/** Connects to a server that answers plain requests alone, as a proxy does that passes no socket. */
async function connectPlainly(): Promise<{ readonly server: Server; readonly live: LiveConnection }> {
  const server = createServer((request, response) => {
    const isIcon = request.url === "/favicon.svg";
    response.writeHead(isIcon ? 200 : 404, {
      "content-type": isIcon ? "image/svg+xml" : "text/html",
      connection: "close",
    });
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const live = new LiveConnection({ url: `ws://127.0.0.1:${port}/live`, clock: new ServerClock(), random: () => 0 });
  plain.push({ server, live });
  return { server, live };
}

function untilReason(live: LiveConnection, reason: string): Promise<void> {
  return until(() => live.status.kind === "away" && live.status.reason === reason, `the page says: ${reason}`);
}

test("says that the server answers where only the socket does not get through", async () => {
  const { live } = await connectPlainly();

  live.open();
  await until(() => live.status.kind === "away", "the connection is away");

  expect(live.status).toMatchObject({
    reason: expect.stringMatching(/server answers.*Upgrade.*Host/),
    isRetried: true,
  });
});

test("does not blame a proxy where a socket was open before, or nobody answers", async () => {
  const { server, live } = await connectPlainly();
  const webSockets = new WebSocketServer({ server });
  const connection = once(webSockets, "connection");
  live.open();
  const [socket] = (await connection) as [ServerSocket];

  server.removeAllListeners("upgrade");
  socket.terminate();
  await untilReason(live, "The page's server answers, but does not open the live connection");
  server.close();
  await untilReason(live, "The page's server is not reached");
});

test("passes on that the service is away without the full stop of the message", async () => {
  const { live, socket } = await connect();
  live.open();
  const first = await socket(1);
  const alive = { serverTime: "2030-01-01T00:00:00Z", heartbeatIntervalMs: 60_000, isServiceReached: false };

  tell(first, { alive: { ...alive, fault: "The server sent nothing for 10 s." } });
  await until(() => live.status.kind === "away", "the connection is away");

  expect(live.status).toMatchObject({ reason: "The service is not reached: The server sent nothing for 10 s" });
});

test("keeps the service's address and who looks, and tells when they change", async () => {
  const { live, socket } = await connect();
  live.open();
  const first = await socket(1);
  await until(() => live.status.kind === "live", "the connection is live");
  const addresses: unknown[] = [];
  live.onStatus(() => addresses.push(live.serviceAddress, live.principal));
  const alive = { serverTime: "2030-01-01T00:00:00Z", heartbeatIntervalMs: 60_000, isServiceReached: true };

  tell(first, { alive: { ...alive, serviceAddress: "127.0.0.1:50061" } });
  tell(first, { alive: { ...alive, principal: "user:m" } });
  await until(() => addresses.length === 4, "both were told");

  expect(addresses).toEqual(["127.0.0.1:50061", undefined, undefined, "user:m"]);
});
