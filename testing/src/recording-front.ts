import {
  type ClientHttp2Stream,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";

/** A front end that passes every call on to a service, in plain text, and keeps the tokens. */
export interface RecordingFront extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Received `authorization` headers; undefined for a call without one. */
  readonly authorizations: readonly (string | undefined)[];
  /** Ends all connections. */
  cut(): void;
}

/** Starts a front end for the service at `127.0.0.1:port`. */
export async function startRecordingFront(target: string): Promise<RecordingFront> {
  const authorizations: (string | undefined)[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const upstream = connect(`http://${target}`);
  upstream.on("error", () => {});
  const front = createServer();
  front.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {}).on("close", () => sessions.delete(session));
  });
  front.on("stream", (stream, { authorization, ...headers }) => {
    authorizations.push(authorization);
    passOn(stream, upstream.request(headers));
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const session of sessions) session.destroy();
  };
  return {
    address: `127.0.0.1:${(front.address() as AddressInfo).port}`,
    authorizations,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      upstream.destroy();
      front.close();
    },
  };
}

/** Passes a call on, and its answer with trailers back. */
export function passOn(stream: ServerHttp2Stream, request: ClientHttp2Stream): void {
  stream.on("error", () => request.close());
  stream.on("close", () => request.close());
  request.on("error", () => stream.close());
  stream.pipe(request);
  request.on("response", ({ ...headers }, flags) => {
    const isAll = (flags & 1) !== 0;
    if (stream.destroyed) return;
    stream.respond(headers, isAll ? { endStream: true } : { waitForTrailers: true });
    if (isAll) return;
    let trailers: IncomingHttpHeaders = {};
    request.on("trailers", (received) => {
      trailers = received;
    });
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    request.pipe(stream);
  });
}
