import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { ActivityEventsClient } from "@activity-events/client";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import type { PageAccess } from "../access/page-access.ts";
import { isKnownHost, isKnownOrigin } from "../http/known-host.ts";
import type { RefusalLog } from "../http/refusal-log.ts";
import { limits } from "../limits.ts";
import type { DeploymentWatch } from "../watch/deployment-watch.ts";
import { CollectionSubscription } from "./collection-subscription.ts";
import { EventsSubscription } from "./events-subscription.ts";
import { type Alive, closeCodes, subprotocol } from "./live-messages.ts";
import { LiveSocket, type Subscription, type SubscriptionPort } from "./live-socket.ts";
import type { ParsedWanted } from "./parse-live-request.ts";
import { ReadingTurns } from "./reading-turns.ts";

interface LiveServerOptions {
  readonly client: Pick<ActivityEventsClient, "followEvents">;
  readonly watch: DeploymentWatch;
  readonly access: PageAccess;
  readonly host: string;
  readonly allowedOrigins: readonly string[];
  /** Address of the service to tell pages; undefined where others than this machine see them. */
  readonly shownAddress: string | undefined;
  readonly refusals: RefusalLog;
  readonly logger: Logger;
}

/** The WebSocket of the page, `/live`. */
export class LiveServer {
  readonly #options: LiveServerOptions;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.requestBytesMax,
    // A compressor costs each socket some 300 KB.
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  });
  readonly #sockets = new Set<LiveSocket>();
  readonly #turns = new ReadingTurns(limits.historiesAtOnce);
  readonly #collections = new Set<CollectionSubscription>();
  /** One timer for all: one for each socket would cost more than the rest of what is held for it. */
  readonly #looks = setInterval(() => {
    for (const socket of this.#sockets) socket.look();
  }, limits.aliveIntervalMs).unref();
  #isEnding = false;

  constructor(options: LiveServerOptions) {
    this.#options = options;
    const { watch } = options;
    watch.onConnection(() => {
      for (const socket of this.#sockets) socket.sendAlive();
    });
    watch.onListed(() => {
      for (const socket of this.#sockets) socket.pump();
    });
    watch.deployments.listenToDamage((ids) => {
      for (const collection of this.#collections) collection.showDamaged(ids);
    });
  }

  /** Number of open sockets. */
  get size(): number {
    return this.#sockets.size;
  }

  /** Takes the upgrades of an HTTP server. */
  attach(server: Server): void {
    server.on("upgrade", (request, socket, head) => {
      this.#upgrade(request, socket, head).catch((error: unknown) => {
        this.#options.logger.error({ code: "UPGRADE_FAILED", err: error }, "a socket could not be opened");
        socket.destroy();
      });
    });
  }

  /** Tells each page to come back, and resolves when all have gone, or after a while. */
  async end(): Promise<void> {
    this.#isEnding = true;
    clearInterval(this.#looks);
    for (const socket of this.#sockets) socket.close(closeCodes.restart, "the server restarts");
    const closed = new Promise<void>((resolve) => this.#webSockets.close(() => resolve()));
    const late = new Promise<void>((resolve) => setTimeout(resolve, limits.drainTimeMs).unref());
    await Promise.race([this.#webSockets.clients.size === 0 ? undefined : closed, late]);
    for (const client of this.#webSockets.clients) client.terminate();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Until the library has the socket, its errors are nobody's.
    socket.on("error", () => socket.destroy());
    const refusal = await this.#refusalOf(request);
    if (refusal !== undefined) {
      const [status, reason] = refusal;
      const { host, origin } = request.headers;
      this.#options.refusals.note("/live", { reason, host, origin });
      refuse(socket, status, reason);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket));
  }

  async #refusalOf({ url = "", headers }: IncomingMessage): Promise<readonly [string, string] | undefined> {
    const { access } = this.#options;
    if (url.split("?")[0] !== "/live") return ["404 Not Found", "the WebSocket is /live"];
    if (!isKnownHost(headers.host, this.#options)) return ["403 Forbidden", "this is not a name of the page"];
    if (!isKnownOrigin(headers.origin, headers.host, this.#options))
      return ["403 Forbidden", "this origin may not open the socket; see ALLOWED_ORIGINS"];
    const denied = await access(headers).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (denied !== undefined) return ["401 Unauthorized", denied];
    const offered = headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim());
    if (!offered?.includes(subprotocol)) return ["400 Bad Request", `the subprotocol is ${subprotocol}`];
    if (this.#isEnding) return ["503 Service Unavailable", "the server restarts"];
    return this.#sockets.size < limits.socketsMax
      ? undefined
      : ["503 Service Unavailable", "too many sockets are open"];
  }

  #open(webSocket: WebSocket): void {
    const { watch } = this.#options;
    const release = watch.hold();
    const socket = new LiveSocket({
      socket: webSocket,
      open: ({ wanted }, port) => this.#subscribe(wanted, port),
      alive: () => this.#alive(),
      untakenMax: () => Math.min(limits.untakenMax, limits.untakenAll / this.#sockets.size),
    });
    this.#sockets.add(socket);
    webSocket.on("close", () => {
      this.#sockets.delete(socket);
      release();
    });
  }

  #subscribe(wanted: ParsedWanted, port: SubscriptionPort): Subscription {
    const { client, watch } = this.#options;
    if (wanted.of === "deployment") return new EventsSubscription({ client, ...wanted, port, turns: this.#turns });
    const subscription = new CollectionSubscription({
      collection: wanted.of === "now" ? watch.now : watch.deployments,
      filter: wanted.filter,
      port,
      isListed: () => watch.isListed,
      damaged: watch.deployments.damaged,
      onClose: () => this.#collections.delete(subscription),
    });
    this.#collections.add(subscription);
    return subscription;
  }

  #alive(): Alive {
    const { shownAddress, watch } = this.#options;
    const { isReached, fault } = watch.connection;
    return {
      serverTime: new Date().toISOString(),
      heartbeatIntervalMs: limits.aliveIntervalMs,
      isServiceReached: isReached,
      ...(fault !== undefined && { fault }),
      ...(shownAddress !== undefined && { serviceAddress: shownAddress }),
    };
  }
}

function refuse(socket: Duplex, status: string, message: string): void {
  const body = `${message}\n`;
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  socket.once("finish", () => socket.destroy());
  socket.end(`${head}${body}`);
}
