import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { freePort } from "@activity-events/testing/free-port";

/** A request that came. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a receiver answers; undefined: nothing, and the connection breaks. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An HTTP server that others are told by. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** Each request, in the order in which they came, whatever was answered. */
  readonly received: readonly Received[];
}

/** Starts a receiver, at a port that was free, or at a given one. */
export async function startReceiver(
  answer: (request: Received) => Promise<Answer | undefined> | Answer | undefined = () => ({ status: 200 }),
  port?: number,
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const taken = { path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString("utf8") };
    received.push(taken);
    const said = await answer(taken);
    if (said === undefined) request.socket.destroy();
    else response.writeHead(said.status, said.headers).end(said.body ?? "");
  });
  await new Promise<void>((listening) => server.listen(port ?? 0, "127.0.0.1", listening));
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Where nothing listens. */
export async function deadUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}
