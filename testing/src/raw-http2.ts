import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from "node:http2";
import { status } from "@grpc/grpc-js";
import { decodeDetails, type RefusalDetails } from "./refusal.ts";

/** Raw answer to one HTTP/2 request. */
export interface RawAnswer extends RefusalDetails {
  readonly httpStatus: number | undefined;
  /** Name of `grpc-status`, which is in the trailers or, without a message, in the headers. */
  readonly code: string | undefined;
  readonly message: string;
  /**
   * Size of the header block with the status: name, value and 32 bytes for each header. Clients accept 8 KiB (gRPC's
   * default).
   */
  readonly statusBlockBytes: number;
  /** Code of RST_STREAM, if the stream was reset. */
  readonly resetCode: number | undefined;
}

interface RawRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: readonly Uint8Array[];
}

/** Frames one message as gRPC does. */
export function grpcFrame(message: Uint8Array, { compressed = 0, length = message.length } = {}): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt8(compressed, 0);
  frame.writeUInt32BE(length, 1);
  frame.set(message, 5);
  return frame;
}

/** Opens a raw HTTP/2 connection. */
export function connectHttp2(address: string): ClientHttp2Session {
  const session = connect(`http://${address}`);
  session.on("error", () => {});
  return session;
}

/** Sends one request and waits for its stream to end in any way. */
export function requestRaw(
  session: ClientHttp2Session,
  { path, headers = {}, body = [] }: RawRequest,
): Promise<RawAnswer> {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  const blocks: IncomingHttpHeaders[] = [];
  stream.on("response", (block) => blocks.push(block));
  stream.on("trailers", (block) => blocks.push(block));
  stream.on("error", () => {});
  stream.resume();
  for (const chunk of body) stream.write(chunk);
  stream.end();
  return new Promise((resolve) => {
    stream.on("close", () => {
      const last = blocks.findLast((block) => block["grpc-status"] !== undefined);
      const details = last?.["grpc-status-details-bin"];
      resolve({
        httpStatus: blocks[0] === undefined ? undefined : Number(blocks[0][":status"]),
        code: last === undefined ? undefined : status[Number(last["grpc-status"])],
        message: decodeURIComponent(`${last?.["grpc-message"] ?? ""}`),
        statusBlockBytes: Object.entries(last ?? {}).reduce(
          (sum, [name, value]) => sum + name.length + `${value}`.length + 32,
          0,
        ),
        ...decodeDetails(details === undefined ? undefined : Buffer.from(`${details}`, "base64")),
        resetCode: stream.rstCode === constants.NGHTTP2_NO_ERROR ? undefined : stream.rstCode,
      });
    });
  });
}
