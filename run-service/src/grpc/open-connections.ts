import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

const channel = "net.server.socket";

/** The connections that this process has accepted since this was made, so that one can be ended. */
export class OpenConnections implements Disposable {
  /** By the peer as grpc-js names it. */
  readonly #byPeer = new Map<string, Socket>();
  readonly #onSocket = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#byPeer.set(peer, socket);
    socket.once("close", () => this.#byPeer.delete(peer));
  };

  constructor() {
    // grpc-js shows nobody its connections, and ends no call that has been answered; Node tells of each socket.
    subscribe(channel, this.#onSocket);
  }

  /** Ends the peer's connection with all its calls, without a word. */
  end(peer: string): void {
    this.#byPeer.get(peer)?.destroy();
  }

  [Symbol.dispose](): void {
    unsubscribe(channel, this.#onSocket);
  }
}
