import type { Readable } from "node:stream";
import type { StatusObject } from "@grpc/grpc-js";

/** A call that answers with many messages; it takes from the wire only what it is asked for, and a few beside. */
export class MessageReader<T> {
  /** How the call ended, once it did. */
  readonly status: Promise<StatusObject>;
  readonly #call: Readable & { cancel(): void };
  readonly #messages: AsyncIterator<T>;
  readonly #finish: () => void;

  constructor(call: Readable & { cancel(): void }, finish: () => void = () => {}) {
    this.#call = call;
    this.#finish = finish;
    this.status = new Promise((resolve) => call.once("status", resolve));
    this.#messages = call[Symbol.asyncIterator]();
    // Whoever does not read does not hear of the error; the status tells it.
    call.on("error", () => {});
  }

  /** The next message; fails at the end of the call. */
  async next(): Promise<T> {
    const result = await this.#messages.next();
    if (result.done === true) throw new Error("the call ended without another message");
    return result.value;
  }

  /** The messages up to and including the first that matches. */
  async until(matches: (message: T) => boolean): Promise<T[]> {
    const messages: T[] = [];
    for (;;) {
      const message = await this.next();
      messages.push(message);
      if (matches(message)) return messages;
    }
  }

  /** All messages to the end; rejects when the call ends with an error. */
  async rest(): Promise<T[]> {
    const messages: T[] = [];
    for (;;) {
      const result = await this.#messages.next();
      if (result.done === true) return messages;
      messages.push(result.value);
    }
  }

  /** Says that no further request comes, where the method takes many. */
  finish(): void {
    this.#finish();
  }

  cancel(): void {
    this.#call.cancel();
  }
}
