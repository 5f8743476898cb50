import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** The connections that this process has accepted since this was made, so that one can be ended. */
export class OpenConnections {
  /** By the peer as grpc-js names it. */
  readonly #byPeer = new Map<string, Socket>();

  constructor() {
    // grpc-js shows nobody its connections, and ends no call that has been answered; Node tells of each socket.
    subscribe("net.server.socket", (message) => {
      const { socket } = message as { readonly socket: Socket };
      const peer = `${socket.remoteAddress}:${socket.remotePort}`;
      this.#byPeer.set(peer, socket);
      socket.once("close", () => this.#byPeer.delete(peer));
    });
  }

  /** Ends the peer's connection with all its calls, without a word. */
  end(peer: string): void {
    this.#byPeer.get(peer)?.destroy();
  }
}
