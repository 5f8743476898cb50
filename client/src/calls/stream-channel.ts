import type { Client } from "@grpc/grpc-js";

/**
 * Channel of a client's streams: the client's own and, after a stream on it was silent, others. A cancelled call does not close its
 * connection, so the next stream would meet the same silence, until the connection's keepalive fails.
 */
export class StreamChannel {
  readonly #shared: Client;
  readonly #openOwn: () => Client;
  #own: Client | undefined;
  #isClosed = false;

  /** `openOwn` opens a channel that shares no connection with another. */
  constructor(shared: Client, openOwn: () => Client) {
    this.#shared = shared;
    this.#openOwn = openOwn;
  }

  /** Channel for the next stream. */
  get current(): Client {
    return this.#own ?? this.#shared;
  }

  /** Has later streams use another connection, unless they do already. Open streams stay where they are. */
  leave(silent: Client): void {
    if (this.#isClosed || silent !== this.current) return;
    this.#own?.close();
    this.#own = this.#openOwn();
  }

  /** Closes what this opened; later streams meet the client's closed channel. */
  close(): void {
    this.#isClosed = true;
    this.#own?.close();
    this.#own = undefined;
  }
}
