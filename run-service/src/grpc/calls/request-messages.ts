import type { ServerDuplexStream } from "@grpc/grpc-js";
import { type CallBounds, callBoundsOf } from "../server/call-bounds.ts";

/** The messages of a call that sends many, as bytes, each taken from the wire only when it is asked for. */
export class RequestMessages {
  readonly #read: () => void;
  readonly #signal: AbortSignal;
  readonly #bounds: CallBounds;
  /** Message that came before it was asked for: at most one, since each read is of one message. */
  readonly #arrived: Buffer[] = [];
  #waiting: PromiseWithResolvers<Buffer | undefined> | undefined;
  /** The stream wants to be read, and has not been since. */
  #isWanted = false;
  /** A read is under way, whose message has not come yet. */
  #isReading = false;
  #ended = false;

  constructor(raw: ServerDuplexStream<Buffer, unknown>, signal: AbortSignal) {
    // Of itself the stream reads 16 messages ahead, of up to 4 MiB each. So its reading waits until somebody wants one:
    // meanwhile HTTP/2 holds the sender back.
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
   * The next message; undefined when none follows, or the call is over. Throws a Refusal when what follows cannot be read. To be
   * asked for one at a time.
   */
  next(): Promise<Buffer | undefined> {
    const waiting = Promise.withResolvers<Buffer | undefined>();
    this.#waiting = waiting;
    this.#deliver();
    this.#readOne();
    return waiting.promise;
  }

  /** A message may come while it is being asked for, so that the state is set before. */
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
