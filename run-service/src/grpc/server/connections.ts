import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Credentials } from "@activity-events/access/credentials";
import type { Connection } from "../../application/byte-budget.ts";
import { limits } from "../../limits.ts";
import { SessionCredentials } from "../access/session-credentials.ts";
import { clientCertificateOf } from "../tls/client-certificate.ts";
import { type Encoding, isEncoding } from "./inflate.ts";

const socketChannel = "net.server.socket";
const streamChannel = "http2.server.stream.created";

/** A new HTTP/2 stream with its connection. */
export interface ArrivedStream {
  readonly stream: ServerHttp2Stream;
  /** Compression of its messages. grpc-js sees none, because it would inflate any number at once. */
  readonly encoding: Encoding | undefined;
  readonly connection: Connection;
  /** What it brings to prove who makes its call. grpc-js and the call see none of it. */
  readonly credentials: Credentials;
}

/**
 * Tracks and bounds the connections of this process, and their streams. grpc-js exposes neither; Node's diagnostics
 * channels report both.
 */
export class Connections implements Disposable {
  readonly #sockets = new Set<Socket>();
  readonly #byPeer = new Map<string, Socket>();
  readonly #bySession = new WeakMap<ServerHttp2Session, Connection>();
  #arrived: ArrivedStream | undefined;
  #port: number | undefined;

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
    // A server stream has its own kind of session.
    const session = (message as { readonly stream: ServerHttp2Stream }).stream.session as
      | ServerHttp2Session
      | undefined;
    if (session === undefined || this.#bySession.has(session)) return;
    // Node reports the streams of all servers in the process, and the credentials are taken once.
    if (this.#port !== undefined && session.socket.localPort !== this.#port) return;
    // Node does not announce its limit. A client that knows the limit does not exceed it, which would end the connection.
    session.settings({ maxHeaderListSize: limits.metadataBytesMax });
    const { remoteAddress, remotePort } = session.socket;
    const connection = { end: () => this.#byPeer.get(`${remoteAddress}:${remotePort}`)?.destroy() };
    this.#bySession.set(session, connection);
    const credentialsOf = new SessionCredentials(() => clientCertificateOf(session));
    // Before grpc-js, which creates its call in the same turn.
    session.prependListener("stream", (stream, headers, _flags, rawHeaders: readonly string[] = []) => {
      const credentials = credentialsOf.take(headers, rawHeaders);
      this.#arrived = { stream, encoding: takeEncoding(headers), connection, credentials };
    });
  };

  constructor() {
    subscribe(socketChannel, this.#onSocket);
    subscribe(streamChannel, this.#onStream);
  }

  /** Tracks the streams of the server on this port alone. */
  belongTo(port: number): void {
    this.#port = port;
  }

  /** Returns the stream of the call that grpc-js is creating. */
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
