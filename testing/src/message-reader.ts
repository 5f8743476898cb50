import type { Readable } from "node:stream";
import type { StatusObject } from "@grpc/grpc-js";

/** A call that answers with many messages. Reads from the wire on demand, apart from a small buffer. */
export class MessageReader<T> {
  /** Resolves with the status of the call. */
  readonly status: Promise<StatusObject>;
  readonly #call: Readable & { cancel(): void };
  readonly #messages: AsyncIterator<T>;
  readonly #finish: () => void;

  constructor(call: Readable & { cancel(): void }, finish: () => void = () => {}) {
    this.#call = call;
    this.#finish = finish;
    this.status = new Promise((resolve) => call.once("status", resolve));
    this.#messages = call[Symbol.asyncIterator]();
    // The status reports the error, also to a test that does not read.
    call.on("error", () => {});
  }

  /** Returns the next message; throws at the end of the call. */
  async next(): Promise<T> {
    const result = await this.#messages.next();
    if (result.done === true) throw new Error("the call ended without another message");
    return result.value;
  }

  /** Returns the messages up to and including the first match. */
  async until(matches: (message: T) => boolean): Promise<T[]> {
    const messages: T[] = [];
    for (;;) {
      const message = await this.next();
      messages.push(message);
      if (matches(message)) return messages;
    }
  }

  /** Returns all messages to the end; throws if the call fails. */
  async rest(): Promise<T[]> {
    const messages: T[] = [];
    for (;;) {
      const result = await this.#messages.next();
      if (result.done === true) return messages;
      messages.push(result.value);
    }
  }

  /** Half-closes a call that takes many requests. */
  finish(): void {
    this.#finish();
  }

  cancel(): void {
    this.#call.cancel();
  }
}
