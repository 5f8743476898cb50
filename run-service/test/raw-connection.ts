import { once } from "node:events";
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from "node:http2";
import { Metadata } from "@grpc/grpc-js";
import { readRefusal, type WireRefusal } from "./read-refusal.ts";

/** What came of a call, as it stood on the wire. */
export interface RawAnswer {
  /** HTTP's status; 0: the call ended without headers. */
  readonly httpStatus: number;
  /** The number in `grpc-status`; undefined: there was none. */
  readonly code: number | undefined;
  readonly messages: readonly Buffer[];
  readonly refusal: WireRefusal | undefined;
}

interface RawCallOptions {
  readonly headers?: OutgoingHttpHeaders;
  /** The call is given up once so many messages have come. */
  readonly messagesMax?: number;
}

/** A client on nothing but Node's HTTP/2: it sends the bytes that it is given, in the pieces that it is given. */
export class RawConnection implements AsyncDisposable {
  readonly #session: ClientHttp2Session;

  constructor(address: string) {
    this.#session = connect(`http://${address}`);
    this.#session.on("error", () => {});
  }

  /** Calls the method of this path; each piece is a DATA frame of its own, and the last one half-closes. */
  async call(path: string, pieces: readonly Uint8Array[], options: RawCallOptions = {}): Promise<RawAnswer> {
    const { headers = {}, messagesMax = Number.POSITIVE_INFINITY } = options;
    const stream = this.#session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    let received: Record<string, unknown> = {};
    let bytes = Buffer.alloc(0);
    stream.on("error", () => {});
    stream.on("response", (response) => {
      received = { ...received, ...response };
    });
    stream.on("trailers", (trailers) => {
      received = { ...received, ...trailers };
    });
    stream.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (messagesIn(bytes).length >= messagesMax) stream.close();
    });
    for (const piece of pieces.slice(0, -1)) await new Promise((resolve) => stream.write(piece, resolve));
    stream.end(pieces.at(-1));
    await once(stream, "close");
    return answerOf(received, messagesIn(bytes));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.destroy();
  }
}

/** A message in gRPC's frame: not compressed, its length, its bytes. */
export function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function messagesIn(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  let at = 0;
  while (bytes.length >= at + 5 && bytes.length >= at + 5 + bytes.readUInt32BE(at + 1)) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return messages;
}

function answerOf(received: Record<string, unknown>, messages: readonly Buffer[]): RawAnswer {
  const code = received["grpc-status"] === undefined ? undefined : Number(received["grpc-status"]);
  const trailer = received["grpc-status-details-bin"];
  const metadata = new Metadata();
  if (typeof trailer === "string") metadata.set("grpc-status-details-bin", Buffer.from(trailer, "base64"));
  const details = decodeURIComponent(String(received["grpc-message"] ?? ""));
  const refusal = code === undefined || code === 0 ? undefined : readRefusal({ code, details, metadata });
  return { httpStatus: Number(received[":status"] ?? 0), code, messages, refusal };
}
