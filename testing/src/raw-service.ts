import { once } from "node:events";
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { create, toBinary } from "@bufbuild/protobuf";

/** One raw call, without a gRPC library in between. */
export interface RawCall {
  readonly path: string;
  /** Encoded messages received so far, without their prefixes. */
  readonly messages: readonly Buffer[];
  /** Called after each message and after the client half-closes. */
  onMessages: () => void;
  readonly isHalfClosed: boolean;
  readonly isOver: boolean;
  /** Sends bytes as one DATA frame; resolves when the socket has them. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the call with this status. */
  end(status?: number): void;
}

/** A server that sends exactly the bytes of a test. */
export interface RawService extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Number of connections opened. */
  readonly connections: number;
}

/** Encodes a message with gRPC's prefix. */
export function framed<Schema extends DescMessage>(schema: Schema, init: MessageInitShape<Schema>): Buffer {
  const message = toBinary(schema, create(schema, init));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Opens a server on a free port of loopback. Answers the headers of each call, then passes it to `onCall`. */
export async function openRawService(onCall: (call: RawCall) => void): Promise<RawService> {
  const sessions = new Set<ServerHttp2Session>();
  let connections = 0;
  const server = createServer();
  server.on("session", (session) => {
    connections += 1;
    sessions.add(session);
    session.on("close", () => sessions.delete(session)).on("error", () => {});
  });
  server.on("stream", (stream, headers) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    onCall(rawCall(stream, `${headers[":path"]}`));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function rawCall(stream: ServerHttp2Stream, path: string): RawCall {
  const messages: Buffer[] = [];
  let status = 0;
  let rest = Buffer.alloc(0);
  const call = {
    path,
    messages,
    onMessages: () => {},
    isHalfClosed: false,
    get isOver() {
      return stream.closed || stream.destroyed || stream.writableEnded;
    },
    write: (bytes: Uint8Array) => new Promise<void>((resolve) => stream.write(bytes, () => resolve())),
    end: (code = 0) => {
      status = code;
      stream.end();
    },
  };
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": `${status}` }));
  stream.on("error", () => {});
  stream.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      messages.push(rest.subarray(5, 5 + rest.readUInt32BE(1)));
      rest = rest.subarray(5 + rest.readUInt32BE(1));
    }
    call.onMessages();
  });
  stream.on("end", () => {
    call.isHalfClosed = true;
    call.onMessages();
  });
  return call;
}
