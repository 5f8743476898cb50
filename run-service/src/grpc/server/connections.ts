import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Connection } from "../../application/byte-budget.ts";
import { limits } from "../../limits.ts";
import { type Encoding, isEncoding } from "./inflate.ts";

const socketChannel = "net.server.socket";
const streamChannel = "http2.server.stream.created";

/** An HTTP/2 stream that has just arrived, and what it came with. */
export interface ArrivedStream {
  readonly stream: ServerHttp2Stream;
  /** Compression of its messages; grpc-js is told that there is none, since it would inflate any number at once. */
  readonly encoding: Encoding | undefined;
  readonly connection: Connection;
}

/**
 * The connections that this process has accepted since this was made, no more than it takes, and the streams that arrive on
 * them. grpc-js shows neither; Node's diagnostics channels tell of both.
 */
export class Connections implements Disposable {
  readonly #sockets = new Set<Socket>();
  readonly #byPeer = new Map<string, Socket>();
  readonly #bySession = new WeakMap<ServerHttp2Session, Connection>();
  #arrived: ArrivedStream | undefined;

  readonly #onSocket = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    if (this.#sockets.size >= limits.connectionsMax) {
      socket.destroy();
      return;
    }
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#sockets.add(socket);
    this.#byPeer.set(peer, socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#byPeer.delete(peer);
    });
  };

  readonly #onStream = (message: unknown): void => {
    // A server's stream has a session of its own kind.
    const session = (message as { readonly stream: ServerHttp2Stream }).stream.session as
      | ServerHttp2Session
      | undefined;
    if (session === undefined || this.#bySession.has(session)) return;
    // By itself Node takes what it takes without a word: a client that knows does not send more, which would end the connection.
    session.settings({ maxHeaderListSize: limits.metadataBytesMax });
    const { remoteAddress, remotePort } = session.socket;
    const connection = { end: () => this.#byPeer.get(`${remoteAddress}:${remotePort}`)?.destroy() };
    this.#bySession.set(session, connection);
    // Before grpc-js, which makes its call of the stream in the same turn.
    session.prependListener("stream", (stream, headers) => {
      this.#arrived = { stream, encoding: takeEncoding(headers), connection };
    });
  };

  constructor() {
    subscribe(socketChannel, this.#onSocket);
    subscribe(streamChannel, this.#onStream);
  }

  /** The stream of the call that grpc-js is making now. */
  takeArrived(): ArrivedStream {
    const arrived = this.#arrived;
    this.#arrived = undefined;
    if (arrived === undefined) throw new Error("grpc-js made a call of a stream that has not been seen");
    return arrived;
  }

  [Symbol.dispose](): void {
    unsubscribe(socketChannel, this.#onSocket);
    unsubscribe(streamChannel, this.#onStream);
  }
}

function takeEncoding(headers: IncomingHttpHeaders): Encoding | undefined {
  const encoding = headers["grpc-encoding"];
  if (!isEncoding(encoding)) return undefined;
  headers["grpc-encoding"] = "identity";
  return encoding;
}
