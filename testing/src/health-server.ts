import { createSecureServer, createServer, type IncomingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";

/** A server that answers every call as a health check of a serving service, and keeps the headers of each. */
export interface HealthServer extends AsyncDisposable {
  /** `localhost:port` */
  readonly address: string;
  readonly calls: readonly IncomingHttpHeaders[];
}

/** Starts it on loopback; with a certificate and its key, PEM, it speaks TLS. */
export async function startHealthServer(tls?: { readonly cert: string; readonly key: string }): Promise<HealthServer> {
  const calls: IncomingHttpHeaders[] = [];
  const server = tls === undefined ? createServer() : createSecureServer(tls);
  server.on("stream", (stream, headers) => {
    calls.push(headers);
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    // HealthCheckResponse with status SERVING.
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `localhost:${(server.address() as AddressInfo).port}`,
    calls,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
}
