import {
  type Alive,
  closeCodes,
  type LiveFrame,
  type LiveMessage,
  type LiveRequest,
  subprotocol,
} from "../../../src/live/live-messages.ts";
import { withoutFullStop } from "../text/without-full-stop.ts";
import type { LiveStatus } from "./live-status.ts";
import { probeServer } from "./probe-server.ts";
import { reconnectDelayMs } from "./reconnect-delay.ts";
import type { ServerClock } from "./server-clock.ts";
import type { Wanted } from "./wanted.ts";

/** Silence after which the connection counts as dead, in heartbeat intervals. */
const silentIntervals = 3;
/** Longest wait for the first message, in ms. */
const firstMessageMs = 10_000;

interface Subscription {
  /** Name of the current subscription; another one after each reconnect, so that late frames of the last one are told apart. */
  name: string;
  /** What to ask for; asked again after each reconnect. */
  readonly wanted: () => Wanted;
  readonly onFrame: (frame: LiveFrame) => void;
}

interface LiveConnectionOptions {
  /** `ws://…/live` */
  readonly url: string;
  readonly clock: ServerClock;
  readonly random?: () => number;
}

/** The page's one connection to /live. Reconnects and subscribes again by itself. */
export class LiveConnection {
  readonly #options: LiveConnectionOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #statusListeners = new Set<() => void>();
  #status: LiveStatus = { kind: "connecting" };
  #serviceAddress: string | undefined;
  #principal: string | undefined;
  #socket: WebSocket | undefined;
  /** Sockets that were opened so far. */
  #opened = 0;
  #isOpened = false;
  #names = 0;
  #failures = 0;
  #heartbeatIntervalMs: number | undefined;
  #lastMessageMs = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
  }

  get status(): LiveStatus {
    return this.#status;
  }

  /** Address of the service, `HOST:PORT`; unset if the server does not tell it. */
  get serviceAddress(): string | undefined {
    return this.#serviceAddress;
  }

  /** Who looks, such as `user:mira@example.com`; unset where nobody checks identities. */
  get principal(): string | undefined {
    return this.#principal;
  }

  /** Calls the listener after each change of the status, the service's address or the principal. Returns the function that ends it. */
  onStatus(listener: () => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  /** Shows frames of what is wanted, over every reconnect. Returns the function that ends it. */
  subscribe(wanted: () => Wanted, onFrame: (frame: LiveFrame) => void): () => void {
    const subscription: Subscription = { name: this.#nextName(), wanted, onFrame };
    this.#subscriptions.set(subscription.name, subscription);
    this.#ask(subscription);
    return () => {
      this.#subscriptions.delete(subscription.name);
      this.#send({ unsubscribe: { subscription: subscription.name } });
    };
  }

  /** Connects, unless a socket is there already. */
  open(): void {
    if (this.#socket !== undefined) return;
    clearTimeout(this.#retry);
    const socket = new WebSocket(this.#options.url, subprotocol);
    this.#socket = socket;
    this.#isOpened = false;
    socket.addEventListener("open", () => {
      if (socket !== this.#socket) return;
      this.#isOpened = true;
      this.#opened += 1;
      this.#subscribeAll();
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#receive(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (socket === this.#socket) this.#lose(code, reason);
    });
    this.#watch(firstMessageMs);
  }

  /** Disconnects without an end for those who subscribed: `open` goes on. */
  close(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#watchdog);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  /** Looks after the connection at once: the tab is in front again, or the network is back. */
  wake(): void {
    const silentMs = performance.now() - this.#lastMessageMs;
    const isSilent = this.#heartbeatIntervalMs !== undefined && silentMs > this.#heartbeatIntervalMs * silentIntervals;
    if (this.#socket !== undefined && this.#status.kind === "live" && isSilent) this.close();
    if (this.#status.kind === "away" && !this.#status.isRetried) return;
    this.#failures = 0;
    this.open();
  }

  #receive(message: LiveMessage): void {
    this.#lastMessageMs = performance.now();
    if ("alive" in message) {
      this.#receiveAlive(message.alive);
    } else {
      const { subscription, ...frame } = message;
      this.#subscriptions.get(subscription)?.onFrame(frame);
    }
    this.#watch((this.#heartbeatIntervalMs ?? firstMessageMs) * silentIntervals);
  }

  #receiveAlive(alive: Alive): void {
    const { serverTime, heartbeatIntervalMs, isServiceReached, fault, serviceAddress, principal } = alive;
    this.#options.clock.set(serverTime);
    this.#failures = 0;
    this.#heartbeatIntervalMs = heartbeatIntervalMs;
    if (serviceAddress !== this.#serviceAddress || principal !== this.#principal) {
      this.#serviceAddress = serviceAddress;
      this.#principal = principal;
      this.#tellListeners();
    }
    if (isServiceReached) this.#setStatus({ kind: "live" });
    // Without a fault it only begins to read.
    else if (fault !== undefined) this.#setAway(`The service is not reached: ${withoutFullStop(fault)}`, true);
  }

  #lose(code: number, reason: string): void {
    clearTimeout(this.#watchdog);
    this.#socket = undefined;
    if (code === closeCodes.refused) {
      this.#setAway(`The server refused this page${reason === "" ? "" : `: ${withoutFullStop(reason)}`}`, false);
      return;
    }
    this.#failures += 1;
    // A server that ends a socket for its age or its viewer's token takes the next one before anybody needs to know.
    const isEnded = code === closeCodes.age || code === closeCodes.credentials;
    const isExpected = isEnded && this.#failures === 1;
    if (!this.#isOpened) void this.#explainUnopened();
    else if (!isExpected) this.#setAway(reasonOf(code), true);
    const delayMs = isExpected ? 0 : reconnectDelayMs(this.#failures, (this.#options.random ?? Math.random)());
    this.#retry = setTimeout(() => this.open(), delayMs);
  }

  /** Says why no socket opens: the server may be away or refuse the viewer, or somebody in front of it passes all but the socket. */
  async #explainUnopened(): Promise<void> {
    const opened = this.#opened;
    const probe = await probeServer(this.#options.url);
    if (opened !== this.#opened) return;
    if (probe.kind === "silent") this.#setAway(notReached, true);
    else if (probe.kind === "refuses") this.#setAway(`The page's server does not let you in: ${probe.reason}`, true);
    else this.#setAway(opened === 0 ? notPassed : notOpened, true);
  }

  #subscribeAll(): void {
    const subscriptions = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    for (const subscription of subscriptions) {
      subscription.name = this.#nextName();
      this.#subscriptions.set(subscription.name, subscription);
      this.#ask(subscription);
    }
  }

  #ask({ name, wanted }: Subscription): void {
    this.#send({ subscribe: { subscription: name, ...wanted() } });
  }

  #send(request: LiveRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  #nextName(): string {
    this.#names += 1;
    return `${this.#names}`;
  }

  #watch(patienceMs: number): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.#socket?.close();
      this.#lose(closeCodes.slow, "");
    }, patienceMs);
  }

  #setAway(reason: string, isRetried: boolean): void {
    const sinceMs = this.#status.kind === "away" ? this.#status.sinceMs : this.#options.clock.nowMs();
    this.#setStatus({ kind: "away", reason, sinceMs, isRetried });
  }

  #setStatus(status: LiveStatus): void {
    const before = this.#status;
    if (before.kind === status.kind && before.kind !== "away") return;
    this.#status = status;
    this.#tellListeners();
  }

  #tellListeners(): void {
    for (const listener of this.#statusListeners) listener();
  }
}

const notReached = "The page's server is not reached";
const notPassed =
  "The page's server answers, but the live connection does not get through: a proxy in front must pass WebSockets (the header Upgrade) and the Host header";
/** It was open before, so what is in front passes it. */
const notOpened = "The page's server answers, but does not open the live connection";

function reasonOf(code: number): string {
  switch (code) {
    case closeCodes.restart:
      return "The page's server restarts";
    case closeCodes.slow:
      return "The page's server fell silent, or this browser was too slow";
    default:
      return notReached;
  }
}
