import type { ServerDuplexStream } from "@grpc/grpc-js";
import { type CallBounds, callBoundsOf } from "../server/call-bounds.ts";

/** The messages of a streaming call, as bytes; each is read from the wire only on demand. */
export class RequestMessages {
  readonly #read: () => void;
  readonly #signal: AbortSignal;
  readonly #bounds: CallBounds;
  /** Message that arrived before it was requested: at most one, because each read is of one message. */
  readonly #arrived: Buffer[] = [];
  #waiting: PromiseWithResolvers<Buffer | undefined> | undefined;
  /** True if the stream asked to be read and was not yet. */
  #isWanted = false;
  /** True during a read, until its message arrives. */
  #isReading = false;
  #ended = false;

  constructor(raw: ServerDuplexStream<Buffer, unknown>, signal: AbortSignal) {
    // By default the stream reads 16 messages ahead, of up to 4 MiB each. Here it reads only on demand; meanwhile
    // HTTP/2 flow control stops the sender.
    this.#read = raw._read.bind(raw, 0);
    raw._read = () => {
      this.#isWanted = true;
      this.#readOne();
    };
    this.#signal = signal;
    this.#bounds = callBoundsOf(raw.metadata);
    raw.on("data", (message: Buffer) => {
      this.#isReading = false;
      if (this.#bounds.fault === undefined) this.#arrived.push(message);
      else this.#ended = true;
      this.#deliver();
      this.#readOne();
    });
    raw.on("end", () => this.#end());
    signal.addEventListener("abort", () => this.#end());
  }

  /**
   * Returns the next message; undefined after the last, or if the call is over. Throws a Refusal if it cannot be read.
   * Call it for one message at a time.
   */
  next(): Promise<Buffer | undefined> {
    const waiting = Promise.withResolvers<Buffer | undefined>();
    this.#waiting = waiting;
    this.#deliver();
    this.#readOne();
    return waiting.promise;
  }

  /** Reads one message. Sets the state first, because the message may arrive during the call. */
  #readOne(): void {
    if (!this.#isWanted || this.#isReading || this.#waiting === undefined) return;
    this.#isWanted = false;
    this.#isReading = true;
    this.#read();
  }

  #deliver(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const isOver = this.#ended || this.#signal.aborted;
    if (this.#arrived.length === 0 && !isOver) return;
    this.#waiting = undefined;
    const { fault } = this.#bounds;
    if (this.#signal.aborted) waiting.resolve(undefined);
    else if (this.#arrived.length === 0 && fault !== undefined) waiting.reject(fault);
    else waiting.resolve(this.#arrived.shift());
  }

  #end(): void {
    this.#ended = true;
    this.#deliver();
  }
}
