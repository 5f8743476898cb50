import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { methodPath } from "@activity-events/proto/service-definition";
import type { DescMethod } from "@bufbuild/protobuf";

/** A connection whose client lives, and answers the server's pings, but takes only 64 bytes of any call's answers until it is told to. */
export class UnreadConnection {
  readonly #session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
  }

  /** With authorities to trust, PEM, it speaks TLS. */
  static async open(address: string, { ca }: { readonly ca?: string } = {}): Promise<UnreadConnection> {
    const scheme = ca === undefined ? "http" : "https";
    const session = connect(`${scheme}://${address}`, { ca, settings: { initialWindowSize: 64 } });
    session.on("error", () => {});
    // Until the server has heard of it, it would send what the protocol takes for granted.
    await once(session, "localSettings");
    return new UnreadConnection(session);
  }

  get isOpen(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** Begins a call; its messages are sent with `sendMessage`, and its end is the caller's to write. */
  call(method: DescMethod): ClientHttp2Stream {
    const stream = this.#session.request({
      ":method": "POST",
      ":path": methodPath(method),
      "content-type": "application/grpc",
      te: "trailers",
    });
    return stream.on("error", () => {});
  }

  /** Takes what comes from now on, of all calls. */
  readOn(): void {
    this.#session.settings({ initialWindowSize: 1024 * 1024 });
  }

  close(): void {
    this.#session.destroy();
  }
}

/** Sends a message in gRPC's frame; false: the wire takes no more for now. */
export function sendMessage(stream: ClientHttp2Stream, message: Uint8Array): boolean {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return stream.write(Buffer.concat([head, message]));
}

/** The messages of a call, as they come. */
export async function* messagesOf(stream: ClientHttp2Stream): AsyncGenerator<Buffer, void, void> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of stream) {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt32BE(1)) {
      const end = 5 + bytes.readUInt32BE(1);
      yield bytes.subarray(5, end);
      bytes = bytes.subarray(end);
    }
  }
}
