import { constants, type ServerHttp2Stream } from "node:http2";
import { limits as storeLimits } from "@activity-events/event-store";
import {
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerListener,
  type StatusObject,
} from "@grpc/grpc-js";
import type { CallBytes } from "../../application/call-bytes.ts";
import { Refusal } from "../../application/refusal.ts";
import { refusalOf } from "../../application/refusal-of.ts";
import { limits } from "../../limits.ts";
import { type CallAccess, openAccess } from "../access/call-access.ts";
import { attachCallBounds, type CallBounds } from "./call-bounds.ts";
import { type Encoding, inflate } from "./inflate.ts";
import { ReceivedBytes } from "./received-bytes.ts";
import { isHealth, openingBytes, requestWeight } from "./request-weight.ts";
import type { UnreceivedCalls } from "./unreceived-calls.ts";

/** Returns the status of a call that is refused before it reaches its handler, and logs it. */
export type RefuseCall = (path: string, refusal: Refusal) => StatusObject;

interface BoundedCallOptions {
  readonly path: string;
  readonly hasMany: boolean;
  /** The call in grpc-js' form. */
  readonly next: ServerInterceptingCallInterface;
  readonly stream: ServerHttp2Stream;
  readonly encoding: Encoding | undefined;
  readonly bytes: CallBytes;
  readonly unreceived: Pick<UnreceivedCalls<BoundedCall>, "add" | "delete">;
  readonly refuse: RefuseCall;
  /** Lets the call in, or throws a Refusal. */
  readonly admitted: () => CallAccess | Promise<CallAccess>;
}

/**
 * A call between HTTP/2 and its handler. Counts received bytes before grpc-js assembles them, and refuses or stops
 * reading beyond the limits. Inflates compressed messages here, once there is room for the largest.
 */
export class BoundedCall {
  /** The call with which grpc-js continues. */
  readonly intercepting: ServerInterceptingCall;
  readonly #options: BoundedCallOptions;
  readonly #received: ReceivedBytes;
  readonly #bounds: CallBounds;
  readonly #openedMs = performance.now();
  #isHeldBack = false;
  #isWhole = false;
  #isEnded = false;

  constructor(options: BoundedCallOptions) {
    const { path, bytes, hasMany, next } = options;
    this.#options = options;
    this.#bounds = { bytes, access: openAccess, fault: undefined };
    const freeBytesMax = isHealth(path) ? limits.healthRequestBytesMax : 0;
    this.#received = new ReceivedBytes({ bytes, weight: requestWeight(path), freeBytesMax, hasMany });
    this.intercepting = new AskedCall(next, hasMany ? () => this.#received.next() : () => {}, {
      onReceiveMetadata: (metadata, pass) => {
        attachCallBounds(metadata, this.#bounds);
        this.#letIn(() => pass(metadata));
      },
      onReceiveMessage: (message: Buffer, pass) => this.#deliver(message, pass),
      onReceiveHalfClose: (pass) => {
        this.#isWhole = true;
        options.unreceived.delete(this);
        if (this.#received.isWithin) this.#spoil(cutOff(path), pass);
        else pass();
      },
      onCancel: () => this.#end(),
    });
  }

  /** Starts reading if there is room for the minimum that any call of the method holds. */
  admit(): void {
    const { path, stream, bytes, hasMany, unreceived } = this.#options;
    try {
      bytes.hold(openingBytes(path));
    } catch (error) {
      this.refuse(error as Refusal);
      return;
    }
    stream.prependListener("data", (chunk: Buffer) => this.#take(chunk));
    // grpc-js reads when a message is requested, but there may be no room for the message that has started.
    stream.on("resume", () => {
      if (this.#isHeldBack) stream.pause();
    });
    if (!hasMany) unreceived.add(this);
  }

  /** Goes on once it is known who calls, at once where it is. */
  #letIn(goOn: () => void): void {
    const accept = (access: CallAccess) => {
      if (this.#isEnded) return;
      this.#bounds.access = access;
      goOn();
    };
    try {
      const access = this.#options.admitted();
      if (!(access instanceof Promise)) accept(access);
      else
        this.#whenLetIn(access)
          .then(accept)
          .catch((error) => this.refuse(refusalOf(error)));
    } catch (error) {
      this.refuse(refusalOf(error));
    }
  }

  /** Reads nothing of a call until it is let in: whoever may not call could else fill the budget. */
  async #whenLetIn(access: Promise<CallAccess>): Promise<CallAccess> {
    const { stream } = this.#options;
    this.#isHeldBack = true;
    stream.pause();
    try {
      return await access;
    } finally {
      this.#isHeldBack = false;
      stream.resume();
    }
  }

  /** Ends the call before it reaches its handler, or together with it. */
  refuse(refusal: Refusal): void {
    const { path, next, refuse } = this.#options;
    if (this.#isEnded) return;
    const answer = refuse(path, refusal);
    this.#end();
    next.sendStatus(answer);
  }

  /** Ends a call whose message did not arrive in time. */
  late(): void {
    const { stream, unreceived } = this.#options;
    if (this.#isEnded) stream.close(constants.NGHTTP2_NO_ERROR);
    // Reading is paused, or the caller sends other calls first.
    else if (stream.isPaused() || this.#mayBeginLater) unreceived.add(this);
    else this.refuse(notReceived());
  }

  get #mayBeginLater(): boolean {
    return this.#received.begun === 0 && performance.now() - this.#openedMs < limits.beginTimeMs;
  }

  /** HTTP/2 has released the call. */
  over(): void {
    const { bytes, unreceived } = this.#options;
    bytes.over();
    unreceived.delete(this);
  }

  #take(chunk: Buffer): void {
    const { hasMany, unreceived } = this.#options;
    if (this.#isEnded) return;
    const { begun } = this.#received;
    try {
      const wanted = this.#received.take(chunk);
      if (wanted > 0) this.#holdBack(wanted);
    } catch (error) {
      this.refuse(error as Refusal);
      return;
    }
    if (this.#received.begun > begun) unreceived.delete(this);
    if (this.#received.isWithin || !hasMany) unreceived.add(this);
    else unreceived.delete(this);
  }

  #holdBack(wanted: number): void {
    const { stream, bytes } = this.#options;
    this.#isHeldBack = true;
    stream.pause();
    bytes.wait(wanted, { signals: [] }).then((isGranted) => {
      this.#isHeldBack = false;
      if (isGranted) stream.resume();
    });
  }

  #deliver(message: Buffer, pass: (message: Buffer) => void): void {
    const isCompressed = this.#received.deliver(message.length);
    const { encoding } = this.#options;
    if (!isCompressed || encoding === undefined) pass(message);
    else
      this.#inflate(message, encoding).then(pass, (error) =>
        this.#spoil(faultOf(error, this.#options.path), () => pass(message)),
      );
  }

  async #inflate(message: Buffer, encoding: Encoding): Promise<Buffer> {
    const { path, bytes, hasMany } = this.#options;
    const largest = storeLimits.requestBytesMax * requestWeight(path);
    const patience = hasMany ? {} : { timeMs: limits.roomTimeMs };
    if (!bytes.tryHold(largest) && !(await bytes.wait(largest, { signals: [], ...patience }))) return message;
    const inflated = await inflate(message, encoding);
    const isMore = this.#received.grow(inflated.length - message.length);
    bytes.give(largest - isMore);
    return inflated;
  }

  /** The caller's messages cannot be read further. A streaming call first gets the outcomes of its earlier messages. */
  #spoil(fault: Refusal, goOn: () => void): void {
    if (!this.#options.hasMany) {
      this.refuse(fault);
      return;
    }
    this.#bounds.fault ??= fault;
    goOn();
  }

  /** The answer is complete. Later input is discarded; a caller that keeps sending is cut off after a while. */
  #end(): void {
    const { bytes, stream, unreceived } = this.#options;
    this.#isEnded = true;
    if (this.#isWhole || stream.destroyed) return;
    bytes.over();
    unreceived.delete(this);
    unreceived.add(this);
  }
}

/** Wraps a call to observe when its next message is requested. */
class AskedCall extends ServerInterceptingCall {
  readonly #onAsked: () => void;

  constructor(next: ServerInterceptingCallInterface, onAsked: () => void, listener: ServerListener) {
    super(next, { start: (listen) => listen(listener) });
    this.#onAsked = onAsked;
  }

  override startRead(): void {
    this.#onAsked();
    super.startRead();
  }
}

/** Returns the reason not to inflate a message, if any. */
function faultOf(cause: unknown, method: string): Refusal {
  if (cause instanceof Refusal) return cause;
  const { requestBytesMax } = storeLimits;
  if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
    return new Refusal("REQUEST_TOO_LARGE", `the message inflates to more than ${requestBytesMax} bytes`, {
      metadata: { request_bytes_max: `${requestBytesMax}` },
    });
  }
  return new Refusal("REQUEST_UNREADABLE", "the message cannot be inflated", { metadata: { method }, cause });
}

function cutOff(method: string): Refusal {
  return new Refusal("REQUEST_UNREADABLE", "the request ends within a message", { metadata: { method } });
}

function notReceived(): Refusal {
  const seconds = limits.receiveTimeMs / 1_000;
  return new Refusal("REQUEST_NOT_RECEIVED", `the request was not received within ${seconds} s`, {
    metadata: { receive_time_ms: `${limits.receiveTimeMs}` },
  });
}
