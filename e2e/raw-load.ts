import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";

/** How a call ended: the number in `grpc-status`, or undefined where it was cut off. */
export type RawEnd = string | undefined;

interface RawCall {
  readonly path: string;
  readonly body: readonly Uint8Array[];
  readonly headers?: Readonly<Record<string, string>>;
  /** The request is never ended. */
  readonly isOpen?: boolean;
}

/** One client with a connection of its own, over nothing but Node's HTTP/2. */
export class RawLoad {
  readonly #session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
  }

  /** `windowBytes`: what the server may send of each answer before it is read. */
  static async open(address: string, windowBytes = 1024 * 1024): Promise<RawLoad> {
    // What waits to be sent counts too: with the default of 10 MB the client itself would cut its calls off.
    const maxSessionMemory = 4_000;
    const session = connect(`http://${address}`, { maxSessionMemory, settings: { initialWindowSize: windowBytes } });
    session.on("error", () => {});
    await once(session, "localSettings");
    // Of the connection's window there is always enough: each answer's own is what bounds it.
    session.setLocalWindowSize(2 ** 30);
    return new RawLoad(session);
  }

  get isOpen(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** Begins a call, throws its answers away, and answers how it ended. */
  call(call: RawCall): Promise<RawEnd> {
    const stream = this.begin(call);
    stream.resume();
    return endOf(stream);
  }

  /** Begins a call. */
  begin({ path, body, headers = {}, isOpen = false }: RawCall): ClientHttp2Stream {
    const stream = this.#session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    stream.on("error", () => {});
    for (const part of body) stream.write(part);
    if (!isOpen) stream.end();
    return stream;
  }

  close(): void {
    this.#session.destroy();
  }
}

/** Resolves with the status of a call once that is there, or the call is cut off. */
export function endOf(stream: ClientHttp2Stream): Promise<RawEnd> {
  return new Promise((resolve) => {
    const look = (headers: Record<string, unknown>) => {
      if (headers["grpc-status"] !== undefined) resolve(`${headers["grpc-status"]}`);
    };
    stream.on("response", look);
    stream.on("trailers", look);
    stream.on("close", () => resolve(undefined));
  });
}
