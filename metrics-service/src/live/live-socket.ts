import type { WebSocket } from "ws";
import { limits } from "../limits.ts";
import { type Alive, closeCodes, type Ended } from "./live-messages.ts";
import { type ParsedRequest, parseLiveRequest } from "./parse-live-request.ts";
import { RequestAllowance } from "./request-allowance.ts";

/** What a socket shows of something until it is closed. */
export interface Subscription {
  /** Sends what there is while the socket has room; it is called again when there is room. */
  pump(): void;
  close(): void;
}

/** Way of a subscription to its socket. */
export interface SubscriptionPort {
  /** False while the page takes less than is sent. */
  readonly hasRoom: boolean;
  /** Sends a frame, given as the text of its fields: `"caughtUp":{}`. */
  send(fields: string): void;
  /** Tells the page that the subscription is over. */
  end(ended: Ended): void;
}

interface LiveSocketOptions {
  readonly socket: WebSocket;
  readonly open: (wanted: ParsedRequest & { readonly kind: "subscribe" }, port: SubscriptionPort) => Subscription;
  readonly alive: () => Alive;
  /** Characters that the page has not taken from which on nothing is added. */
  readonly untakenMax: () => number;
}

/** One page's end of /live: its subscriptions, and the bounds that it must keep to. */
export class LiveSocket {
  readonly #options: LiveSocketOptions;
  readonly #socket: WebSocket;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #allowance = new RequestAllowance();
  /** Time at which the socket is closed for its age. */
  readonly #endMs = performance.now() + limits.socketAgeMs * (0.9 + Math.random() * 0.1);
  /** Time of the last pong or message, on the monotonic clock in ms. */
  #heardMs = performance.now();
  // Characters that were sent, with a ping behind them, and that the page has taken, as the pongs say. The kernel takes up to 4 MB for
  // each socket that is not read, so its word for what is sent counts nothing.
  #sent = 0;
  #pinged = 0;
  #taken = 0;

  constructor(options: LiveSocketOptions) {
    this.#options = options;
    const { socket } = options;
    this.#socket = socket;
    socket.on("message", (data, isBinary) => this.#receive(`${data}`, isBinary));
    socket.on("pong", (data) => {
      this.#heardMs = performance.now();
      this.#taken = Math.min(this.#sent, Math.max(this.#taken, Number(`${data}`) || 0));
      this.pump();
    });
    // The library closes the socket, and says why.
    socket.on("error", () => {});
    socket.on("close", () => this.#closed());
    this.sendAlive();
  }

  /** Tells the page that the server is there, what time it has, and whether it reaches the service. */
  sendAlive(): void {
    this.#send(JSON.stringify({ alive: this.#options.alive() }));
  }

  /** Sends what there is. */
  pump(): void {
    for (const subscription of this.#subscriptions.values()) subscription.pump();
  }

  /** Ends a socket that does not answer, or is old; tells all others that the server is there. Called in intervals. */
  look(): void {
    const now = performance.now();
    if (now - this.#heardMs > limits.pongTimeMs) {
      this.close(closeCodes.slow, "the page does not read");
      // It will not read the close frame, either.
      this.#socket.terminate();
      return;
    }
    if (now > this.#endMs) {
      this.close(closeCodes.age, "reconnect");
      return;
    }
    this.sendAlive();
    this.#ping();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  #receive(text: string, isBinary: boolean): void {
    this.#heardMs = performance.now();
    if (!this.#allowance.take()) {
      this.close(closeCodes.refused, "too many messages");
      return;
    }
    const request = isBinary ? "a message must be text" : parseLiveRequest(text);
    if (typeof request === "string") this.close(closeCodes.refused, request);
    else if (request.kind === "unsubscribe") this.#unsubscribe(request.subscription);
    else this.#subscribe(request);
  }

  #subscribe(request: ParsedRequest & { readonly kind: "subscribe" }): void {
    const { subscription: name } = request;
    if (this.#subscriptions.has(name)) {
      this.close(closeCodes.refused, "a subscription of this name is open already");
      return;
    }
    if (this.#subscriptions.size >= limits.subscriptionsMax) {
      this.close(closeCodes.refused, `more than ${limits.subscriptionsMax} subscriptions`);
      return;
    }
    const prefix = `{"subscription":${JSON.stringify(name)},`;
    const hasRoom = () => this.#hasRoom;
    const port: SubscriptionPort = {
      get hasRoom() {
        return hasRoom();
      },
      send: (fields) => this.#send(`${prefix}${fields}}`),
      end: (ended) => {
        this.#send(`${prefix}"ended":${JSON.stringify(ended)}}`);
        this.#unsubscribe(name);
      },
    };
    const subscription = this.#options.open(request, port);
    this.#subscriptions.set(name, subscription);
    subscription.pump();
  }

  #unsubscribe(name: string): void {
    this.#subscriptions.get(name)?.close();
    this.#subscriptions.delete(name);
  }

  get #hasRoom(): boolean {
    return this.#socket.readyState === this.#socket.OPEN && this.#sent - this.#taken < this.#options.untakenMax();
  }

  #send(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(text);
    this.#sent += text.length;
    if (this.#sent - this.#pinged > this.#options.untakenMax() / 4) this.#ping();
    else if (!this.#hasRoom && this.#pinged < this.#sent) this.#ping();
  }

  /** Asks the page to say that it has taken all that was sent up to here. */
  #ping(): void {
    this.#pinged = this.#sent;
    this.#socket.ping(`${this.#sent}`);
  }

  #closed(): void {
    for (const subscription of this.#subscriptions.values()) subscription.close();
    this.#subscriptions.clear();
  }
}
