import type { ServerDuplexStream } from "@grpc/grpc-js";

/** The messages of a call that sends many, as bytes, each taken from the wire only when it is asked for. */
export class RequestMessages {
  readonly #read: () => void;
  readonly #signal: AbortSignal;
  #isAsked = false;
  #waiting: ((message: Buffer | undefined) => void) | undefined;
  #ended = false;

  constructor(raw: ServerDuplexStream<Buffer, unknown>, signal: AbortSignal) {
    // Of itself the stream reads 16 messages ahead, of up to 4 MiB each. So its reading waits until somebody wants one:
    // meanwhile HTTP/2 holds the sender back.
    const read = raw._read.bind(raw, 0);
    this.#read = read;
    raw._read = () => {
      if (this.#waiting === undefined) this.#isAsked = true;
      else read();
    };
    this.#signal = signal;
    raw.on("data", (message: Buffer) => this.#deliver(message));
    raw.on("end", () => this.#end());
    signal.addEventListener("abort", () => this.#end());
  }

  /** The next message; undefined when none follows, or the call is over. To be asked for one at a time. */
  next(): Promise<Buffer | undefined> {
    if (this.#ended || this.#signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting = resolve;
      if (!this.#isAsked) return;
      this.#isAsked = false;
      this.#read();
    });
  }

  #deliver(message: Buffer | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(message);
  }

  #end(): void {
    this.#ended = true;
    this.#deliver(undefined);
  }
}
