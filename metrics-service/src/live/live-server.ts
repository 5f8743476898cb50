import type { IncomingHttpHeaders, IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Caller } from "@activity-events/access/caller";
import type { ActivityEventsClient } from "@activity-events/client";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import { AccessDeniedError, denialOf, type PageAccess, type Proof } from "../access/page-access.ts";
import { isKnownHost, isKnownOrigin } from "../http/known-host.ts";
import type { RefusalLog } from "../http/refusal-log.ts";
import { limits } from "../limits.ts";
import type { DeploymentWatch } from "../watch/deployment-watch.ts";
import type { ReadablePart } from "../watch/readable-parts.ts";
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

/** Who opened a socket. */
interface Opener {
  readonly proof: Proof;
  readonly viewer: Caller;
}

/** A viewer, and what they may read. */
interface Readership {
  readonly viewer: Caller;
  readonly part: ReadablePart;
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
  readonly #sockets = new Map<LiveSocket, Opener>();
  readonly #turns = new ReadingTurns(limits.historiesAtOnce);
  readonly #collections = new Set<CollectionSubscription>();
  /** One timer for all: one for each socket would cost more than the rest of what is held for it. */
  readonly #looks = setInterval(() => {
    for (const socket of this.#sockets.keys()) socket.look();
  }, limits.aliveIntervalMs).unref();
  #isEnding = false;

  constructor(options: LiveServerOptions) {
    this.#options = options;
    const { access, watch } = options;
    access.onChange(() => this.#judgeAll());
    watch.onConnection(() => {
      for (const socket of this.#sockets.keys()) socket.sendAlive();
    });
    watch.onListed(() => {
      for (const socket of this.#sockets.keys()) socket.pump();
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
    for (const socket of this.#sockets.keys()) socket.close(closeCodes.restart, "the server restarts");
    const closed = new Promise<void>((resolve) => this.#webSockets.close(() => resolve()));
    const late = new Promise<void>((resolve) => setTimeout(resolve, limits.drainTimeMs).unref());
    await Promise.race([this.#webSockets.clients.size === 0 ? undefined : closed, late]);
    for (const client of this.#webSockets.clients) client.terminate();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Until the library has the socket, its errors are nobody's.
    socket.on("error", () => socket.destroy());
    const opener = await this.#openerOf(request).catch((error: unknown) => {
      if (error instanceof UpgradeRefusedError) return error;
      throw error;
    });
    if (opener instanceof UpgradeRefusedError) {
      const { host, origin } = request.headers;
      this.#options.refusals.note("/live", { reason: opener.message, host, origin });
      refuse(socket, opener.status, opener.message);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, opener));
  }

  /** Returns who opens a socket. Throws an UpgradeRefusedError. */
  async #openerOf({ url = "", headers }: IncomingMessage): Promise<Opener> {
    if (url.split("?")[0] !== "/live") throw new UpgradeRefusedError("404 Not Found", "the WebSocket is /live");
    if (!isKnownHost(headers.host, this.#options))
      throw new UpgradeRefusedError("403 Forbidden", "this is not a name of the page");
    if (!isKnownOrigin(headers.origin, headers.host, this.#options))
      throw new UpgradeRefusedError("403 Forbidden", "this origin may not open the socket; see ALLOWED_ORIGINS");
    const opener = await this.#letIn(headers);
    const offered = headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim());
    if (!offered?.includes(subprotocol))
      throw new UpgradeRefusedError("400 Bad Request", `the subprotocol is ${subprotocol}`);
    if (this.#isEnding) throw new UpgradeRefusedError("503 Service Unavailable", "the server restarts");
    if (this.#sockets.size >= limits.socketsMax)
      throw new UpgradeRefusedError("503 Service Unavailable", "too many sockets are open");
    return opener;
  }

  async #letIn(headers: IncomingHttpHeaders): Promise<Opener> {
    const { access } = this.#options;
    try {
      const proof = await access.prove(headers);
      return { proof, viewer: access.judge(proof) };
    } catch (error) {
      if (!(error instanceof AccessDeniedError)) throw error;
      const status = error.status === "UNAUTHENTICATED" ? "401 Unauthorized" : "403 Forbidden";
      throw new UpgradeRefusedError(status, error.message);
    }
  }

  #open(webSocket: WebSocket, opener: Opener): void {
    const { watch } = this.#options;
    const { viewer } = opener;
    const release = watch.hold();
    const part = watch.parts.open(viewer);
    const socket = new LiveSocket({
      socket: webSocket,
      open: ({ wanted }, port) => this.#subscribe(wanted, port, { viewer, part }),
      alive: () => this.#alive(viewer),
      untakenMax: () => Math.min(limits.untakenMax, limits.untakenAll / this.#sockets.size),
    });
    this.#sockets.set(socket, opener);
    const lastsMs = viewer.expiresMs - Date.now();
    // One that lasts longer is closed for its age.
    const expiry =
      lastsMs < limits.socketAgeMs ? setTimeout(() => endForCredentials(socket), Math.max(0, lastsMs)) : undefined;
    webSocket.on("close", () => {
      clearTimeout(expiry);
      this.#sockets.delete(socket);
      part[Symbol.dispose]();
      release();
    });
  }

  /** Ends the sockets of viewers who may read something else by the rules in force. */
  #judgeAll(): void {
    for (const [socket, opener] of this.#sockets) if (!this.#isStill(opener)) endForCredentials(socket);
  }

  #isStill({ proof, viewer }: Opener): boolean {
    try {
      return this.#options.access.judge(proof).isLike(viewer);
    } catch (error) {
      if (error instanceof AccessDeniedError) return false;
      throw error;
    }
  }

  #subscribe(wanted: ParsedWanted, port: SubscriptionPort, { viewer, part }: Readership): Subscription {
    const { client, watch } = this.#options;
    if (wanted.of === "deployment") {
      if (!viewer.may("read", wanted.deploymentId)) return this.#deny(viewer, wanted.deploymentId, port);
      return new EventsSubscription({ client, ...wanted, port, turns: this.#turns });
    }
    const subscription = new CollectionSubscription({
      collection: wanted.of === "now" ? part.now : part.deployments,
      filter: wanted.filter,
      port,
      isListed: () => watch.isListed,
      damaged: watch.deployments.damaged,
      mayRead: part.mayRead,
      onClose: () => this.#collections.delete(subscription),
    });
    this.#collections.add(subscription);
    return subscription;
  }

  /** Makes a subscription that ends at once, whether there is such a deployment or not. */
  #deny({ principal }: Caller, deploymentId: string, port: SubscriptionPort): Subscription {
    const message = denialOf(deploymentId);
    this.#options.refusals.note("/live", { reason: message, principal: principal || undefined });
    return { pump: () => port.end({ status: "PERMISSION_DENIED", message }), close: () => {} };
  }

  #alive({ principal }: Caller): Alive {
    const { shownAddress, watch } = this.#options;
    const { isReached, fault } = watch.connection;
    return {
      serverTime: new Date().toISOString(),
      heartbeatIntervalMs: limits.aliveIntervalMs,
      isServiceReached: isReached,
      ...(fault !== undefined && { fault }),
      ...(principal !== "" && { principal }),
      ...(shownAddress !== undefined && { serviceAddress: shownAddress }),
    };
  }
}

/** Closes a socket whose page reads on with other credentials, or by other rules, when it comes back. */
function endForCredentials(socket: LiveSocket): void {
  socket.close(closeCodes.credentials, "reconnect");
}

/** An upgrade that is refused. The message is for who asked. */
class UpgradeRefusedError extends Error {
  override readonly name = "UpgradeRefusedError";
  /** Status line of HTTP without its version, such as `403 Forbidden`. */
  readonly status: string;

  constructor(status: string, message: string) {
    super(message);
    this.status = status;
  }
}

function refuse(socket: Duplex, status: string, message: string): void {
  const body = `${message}\n`;
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  socket.once("finish", () => socket.destroy());
  socket.end(`${head}${body}`);
}
