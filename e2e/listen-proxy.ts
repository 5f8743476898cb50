import { connect, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { atEnd } from "@activity-events/testing/cloud-stack";

/** A way to Firestore on which listeners can go silent while everything else is answered. */
export interface ListenProxy {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** How many messages, or parts of them, listeners did not get. */
  readonly withheld: number;
  /** How often each method was called, by path. */
  readonly calls: ReadonlyMap<string, number>;
  /** From now on the listeners that there are hear nothing more, though nobody tells them so. */
  silenceListeners(): void;
}

const listenPath = "/google.firestore.v1.Firestore/Listen";

/** Opens a proxy of gRPC in front of `host:port`. */
export async function openListenProxy(target: string): Promise<ListenProxy> {
  const listening = new Set<ServerHttp2Stream>();
  const silent = new Set<ServerHttp2Stream>();
  const calls = new Map<string, number>();
  let withheld = 0;
  const server = createServer();
  server.on("session", (session) => {
    const upstream = connect(`http://${target}`);
    upstream.on("error", () => session.destroy());
    session.on("close", () => upstream.destroy());
    session.on("error", () => {});
    atEnd(async () => session.destroy());
    session.on("stream", (stream, headers) => {
      const path = headers[":path"] ?? "";
      calls.set(path, (calls.get(path) ?? 0) + 1);
      if (path === listenPath) listening.add(stream);
      let trailers: IncomingHttpHeaders = {};
      const forwarded = upstream.request(headers);
      stream.on("data", (bytes) => forwarded.write(bytes));
      stream.on("end", () => forwarded.end());
      stream.on("close", () => {
        listening.delete(stream);
        forwarded.destroy();
      });
      stream.on("wantTrailers", () => stream.sendTrailers(trailers));
      stream.on("error", () => {});
      forwarded.on("response", (answer, flags) => {
        // The end of the stream may come with the head.
        if (flags & 1) stream.respond(answer, { endStream: true });
        else stream.respond(answer, { waitForTrailers: true });
      });
      forwarded.on("data", (bytes) => {
        if (silent.has(stream)) withheld += 1;
        else stream.write(bytes);
      });
      forwarded.on("trailers", (received) => {
        trailers = received;
      });
      forwarded.on("end", () => {
        if (!silent.has(stream)) stream.end();
      });
      forwarded.on("error", () => stream.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(async () => {
    server.close();
  });
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get withheld() {
      return withheld;
    },
    calls,
    silenceListeners: () => {
      for (const stream of listening) silent.add(stream);
    },
  };
}
